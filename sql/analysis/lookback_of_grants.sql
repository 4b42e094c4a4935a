-- object: analysis.lookback_of_grants
-- database: registers
-- grain: one row per person first granted in the years, and benefit state
-- key: none
-- units: weeks
-- source: STAR, DREAM
-- reads: core.first_grant, core.benefit_spell, analysis.weeks_between
-- caveat: before each person's own grant; who was on no benefit has one row with state none

-- The linter cannot parse COMMENT ON MACRO.
-- noqa: disable=all
CREATE MACRO analysis.lookback_of_grants(granted, first_year, last_year, years := 5) AS TABLE
    WITH cohort AS (
        SELECT
            first_grant.person_id,
            first_grant.grant_date,
            CAST(first_grant.grant_date - to_years(years) AS DATE) AS from_date
        FROM core.first_grant
        WHERE
            first_grant.outcome = granted
            AND first_grant.grant_year BETWEEN first_year AND last_year
    ),

    counted AS (
        SELECT
            cohort.person_id,
            benefit_spell.benefit_state,
            analysis.weeks_between(
                benefit_spell.first_week_date,
                benefit_spell.last_week_date,
                cohort.from_date,
                cohort.grant_date
            ) AS n_weeks
        FROM cohort
        INNER JOIN core.benefit_spell ON cohort.person_id = benefit_spell.person_id
    ),

    summed AS (
        SELECT
            counted.person_id,
            counted.benefit_state,
            CAST(sum(counted.n_weeks) AS INTEGER) AS n_weeks
        FROM counted
        WHERE counted.n_weeks > 0
        GROUP BY counted.person_id, counted.benefit_state
    )

    SELECT
        cohort.person_id,
        cohort.grant_date,
        coalesce(summed.benefit_state, 'none') AS benefit_state,
        coalesce(summed.n_weeks, 0) AS n_weeks
    FROM cohort
    LEFT JOIN summed ON cohort.person_id = summed.person_id;

COMMENT ON MACRO TABLE analysis.lookback_of_grants IS
'Weeks on each benefit in the years before the grant, for all first granted an outcome in some years: FROM analysis.lookback_of_grants(''FP'', 2006, 2007).';
