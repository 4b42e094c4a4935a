-- object: analysis.lookback
-- database: registers
-- grain: one row per person and benefit state
-- key: none
-- units: weeks
-- source: STAR, DREAM
-- reads: core.benefit_spell, analysis.weeks_between
-- caveat: weeks that begin in the years before the day; weeks that the file lacks are not known

-- The linter cannot parse COMMENT ON MACRO.
-- noqa: disable=all
CREATE MACRO analysis.lookback(on_date, years := 5) AS TABLE
    SELECT
        benefit_spell.person_id,
        benefit_spell.benefit_state,
        CAST(
            sum(
                analysis.weeks_between(
                    benefit_spell.first_week_date,
                    benefit_spell.last_week_date,
                    CAST(CAST(on_date AS DATE) - to_years(years) AS DATE),
                    CAST(on_date AS DATE)
                )
            ) AS INTEGER
        ) AS n_weeks
    FROM core.benefit_spell
    GROUP BY benefit_spell.person_id, benefit_spell.benefit_state
    HAVING n_weeks > 0;

COMMENT ON MACRO TABLE analysis.lookback IS
'Weeks on each benefit in the years before a day, for everyone: FROM analysis.lookback(DATE ''2006-01-01'', years := 5).';
