-- object: checks.last_week_known
-- grain: one row per year at risk and code of no list in the last week before it
-- key: year, benefit_code
-- units: persons
-- source: definition of the risk set
-- reads: core.benefit_spell, core.week
-- caveat: such persons cannot be placed and are not at risk that year
-- severity: warn

WITH last_week AS (
    SELECT
        year_at_risk.year,
        max(week.week_position) AS week_position
    FROM (SELECT unnest(getvariable('years_at_risk')) AS year) AS year_at_risk
    INNER JOIN core.week ON year_at_risk.year > week.iso_year
    GROUP BY year_at_risk.year
)

SELECT
    last_week.year,
    benefit_spell.benefit_code,
    count(*) AS n_persons
FROM last_week
INNER JOIN core.benefit_spell
    ON
        last_week.week_position
        BETWEEN benefit_spell.first_week_position AND benefit_spell.last_week_position
WHERE benefit_spell.benefit_state = 'unknown'
GROUP BY last_week.year, benefit_spell.benefit_code
ORDER BY last_week.year, benefit_spell.benefit_code
