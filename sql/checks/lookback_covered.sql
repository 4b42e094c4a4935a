-- object: checks.lookback_covered
-- grain: one row per register and year that the years at risk need with hardly any record
-- key: register, year
-- units: records
-- source: pipeline/registers, settings health_lookback_years and tenure_lookback_years
-- reads: core.register_year
-- caveat: hardly any is less than a tenth of the register's median year; a gap behind earlier years
--   stops the load (lookback_without_gap), BEF, UDDA and the last week of DREAM stop it before it
--   begins, and decisions have a check of their own
-- severity: warn

WITH needed AS (
    SELECT
        need.need.register,
        need.need.year
    FROM (SELECT unnest(getvariable('lookback_need')) AS need) AS need
    WHERE
        need.need.register IN (
            'dream', 'lpr_diag', 'psyk_diag', 'lpr3_diagnoser', 'lmdb', 'sssy', 'sysi'
        )
),

usual AS (
    SELECT
        register_year.register,
        median(register_year.n_records) AS n_records
    FROM core.register_year
    INNER JOIN needed
        ON register_year.register = needed.register AND register_year.year = needed.year
    GROUP BY register_year.register
)

SELECT
    needed.register,
    needed.year,
    coalesce(register_year.n_records, 0) AS n_records
FROM needed
LEFT JOIN core.register_year
    ON needed.register = register_year.register AND needed.year = register_year.year
LEFT JOIN usual ON needed.register = usual.register
WHERE coalesce(register_year.n_records, 0) < 0.1 * coalesce(usual.n_records, 1)
ORDER BY needed.register, needed.year
