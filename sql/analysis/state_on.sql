-- object: analysis.state_on
-- database: registers
-- grain: one row per person with a benefit on the day
-- key: none
-- units: none
-- source: STAR, DREAM
-- reads: core.benefit_spell
-- caveat: the code of the week that holds the day; who has no row was on no benefit, or not in DREAM

-- The linter cannot parse COMMENT ON MACRO.
-- noqa: disable=all
CREATE MACRO analysis.state_on(on_date) AS TABLE
    SELECT
        benefit_spell.person_id,
        benefit_spell.benefit_state,
        benefit_spell.benefit_code,
        benefit_spell.first_week_date AS since_date
    FROM core.benefit_spell
    WHERE
        CAST(on_date AS DATE)
        BETWEEN benefit_spell.first_week_date AND benefit_spell.last_week_date + 6;

COMMENT ON MACRO TABLE analysis.state_on IS
'Who was on which benefit on a day, and since when: FROM analysis.state_on(DATE ''2006-05-01'').';
