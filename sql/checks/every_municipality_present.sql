-- object: checks.every_municipality_present
-- grain: one row per year at risk and municipality without anyone at risk
-- key: year, municipality_code
-- units: none
-- source: pipeline/codes/municipality.csv
-- reads: mart.person_year, codes.municipality
-- caveat: none
-- severity: warn

WITH present AS (
    SELECT DISTINCT
        person_year.year,
        person_year.municipality_code
    FROM mart.person_year
),

year_at_risk AS (
    SELECT unnest(getvariable('years_at_risk')) AS year
)

SELECT
    year_at_risk.year,
    municipality.municipality_code
FROM year_at_risk
CROSS JOIN codes.municipality
WHERE
    NOT EXISTS (
        SELECT 1 FROM present
        WHERE
            present.year = year_at_risk.year
            AND present.municipality_code = municipality.municipality_code
    )
ORDER BY year_at_risk.year, municipality.municipality_code
