-- object: checks.year_at_risk_present
-- grain: one row per year of the window in which nobody is at risk
-- key: year
-- units: none
-- source: settings window
-- reads: mart.person_year
-- caveat: none
-- severity: stop

WITH year_at_risk AS (
    SELECT unnest(getvariable('years_at_risk')) AS year
)

SELECT year_at_risk.year
FROM year_at_risk
WHERE
    NOT EXISTS (
        SELECT 1 FROM mart.person_year
        WHERE person_year.year = year_at_risk.year
    )
ORDER BY year_at_risk.year
