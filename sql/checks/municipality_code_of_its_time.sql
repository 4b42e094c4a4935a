-- object: checks.municipality_code_of_its_time
-- grain: one row per register, year and code of today used before it was valid
-- key: register, year, register_municipality_code
-- units: rows
-- source: pipeline/codes/municipality.csv and municipality_history.csv
-- reads: raw.bef, core.decision, codes.municipality, codes.municipality_history
-- caveat: earlier years delivered in the municipalities of 2007 are loaded as they are
-- severity: warn

WITH delivered AS (
    SELECT
        'bef' AS register,
        bef.FILE_YEAR AS year,
        bef.KOM AS register_municipality_code,
        -- A snapshot of 31 December may be in the codes of the day after.
        make_date(bef.FILE_YEAR + 1, 1, 1) AS valid_on,
        count(*) AS n_rows
    FROM raw.bef
    GROUP BY bef.FILE_YEAR, bef.KOM
    UNION ALL
    SELECT
        'ankestyrelsen' AS register,
        year(decision.decision_date) AS year,
        decision.register_municipality_code,
        max(decision.decision_date) AS valid_on,
        count(*) AS n_rows
    FROM core.decision
    GROUP BY year(decision.decision_date), decision.register_municipality_code
)

SELECT
    delivered.register,
    delivered.year,
    delivered.register_municipality_code,
    delivered.n_rows
FROM delivered
INNER JOIN codes.municipality
    ON delivered.register_municipality_code = municipality.municipality_code
WHERE
    delivered.valid_on < municipality.valid_from
    AND NOT EXISTS (
        SELECT 1 FROM codes.municipality_history
        WHERE
            delivered.register_municipality_code = municipality_history.municipality_code
            AND delivered.valid_on
            BETWEEN municipality_history.valid_from AND municipality_history.valid_to
    )
ORDER BY delivered.register, delivered.year, delivered.register_municipality_code
