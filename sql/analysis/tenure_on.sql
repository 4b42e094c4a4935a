-- object: analysis.tenure_on
-- database: registers
-- grain: one row per person ever in DREAM with a benefit
-- key: none
-- units: weeks
-- source: STAR, DREAM
-- reads: core.benefit_spell, analysis.weeks_between, analysis.is_support, analysis.tenure_band,
--   analysis.support_band
-- caveat: the mart counts ISO years before the year at risk, this any day; who has no row has none

-- The linter cannot parse COMMENT ON MACRO.
-- noqa: disable=all
CREATE MACRO analysis.tenure_on(on_date, years := 10) AS TABLE
    WITH counted AS (
        SELECT
            benefit_spell.person_id,
            benefit_spell.benefit_state,
            analysis.weeks_between(
                benefit_spell.first_week_date,
                benefit_spell.last_week_date,
                CAST(CAST(on_date AS DATE) - to_years(years) AS DATE),
                CAST(on_date AS DATE)
            ) AS n_weeks
        FROM core.benefit_spell
    ),

    summed AS (
        SELECT
            counted.person_id,
            CAST(
                coalesce(
                    sum(counted.n_weeks) FILTER (
                        WHERE counted.benefit_state IN ('cash_benefit', 'education_benefit')
                    ), 0
                ) AS INTEGER
            ) AS cash_benefit_weeks,
            CAST(
                coalesce(
                    sum(counted.n_weeks) FILTER (
                        WHERE analysis.is_support(counted.benefit_state)
                    ), 0
                ) AS INTEGER
            ) AS support_weeks
        FROM counted
        GROUP BY counted.person_id
    )

    SELECT
        summed.person_id,
        summed.cash_benefit_weeks,
        analysis.tenure_band(summed.cash_benefit_weeks) AS tenure_band,
        summed.support_weeks,
        analysis.support_band(summed.support_weeks) AS support_band
    FROM summed;

COMMENT ON MACRO TABLE analysis.tenure_on IS
'Cumulative weeks on cash benefit and on any support before a day, with their bands: FROM analysis.tenure_on(DATE ''2006-01-01'').';
