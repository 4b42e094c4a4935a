-- object: checks.lookback_without_gap
-- grain: one row per register and year that the years at risk need, without a record though an
--   earlier year has some
-- key: register, year
-- units: none
-- source: pipeline/registers, settings health_lookback_years and tenure_lookback_years
-- reads: core.register_year
-- caveat: a file was not delivered; a register that only begins later is a warning
--   (lookback_covered), and one with fewer than 100 records a year says nothing
-- severity: stop

WITH needed AS (
    SELECT
        need.need.register,
        need.need.year
    FROM (SELECT unnest(getvariable('lookback_need')) AS need) AS need
),

delivered AS (
    SELECT
        register_year.register,
        min(register_year.year) AS first_year,
        median(register_year.n_records) AS n_usual
    FROM core.register_year
    GROUP BY register_year.register
)

SELECT
    needed.register,
    needed.year
FROM needed
INNER JOIN delivered ON needed.register = delivered.register
LEFT JOIN core.register_year
    ON needed.register = register_year.register AND needed.year = register_year.year
WHERE
    register_year.register IS NULL
    AND delivered.first_year < needed.year
    AND delivered.n_usual >= 100
ORDER BY needed.register, needed.year
