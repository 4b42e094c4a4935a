-- object: checks.register_keeps_its_size
-- grain: one row per register and year with fewer rows than min_size_share of the years beside it
-- key: register, year
-- units: none
-- source: setting min_size_share
-- reads: core.population_match
-- caveat: of the years looked back on; a part of the delivery is missing, or what is registered
--   changed; a fall that counts of such a size may have by chance says nothing; the last year of a
--   register that another follows may be short
-- severity: stop

WITH needed AS (
    SELECT unnest(getvariable('lookback_need'), recursive := TRUE)
),

beside AS (
    SELECT
        population_match.register,
        population_match.year,
        population_match.n_rows,
        least(before.n_rows, after.n_rows) AS n_beside
    FROM core.population_match
    INNER JOIN core.population_match AS before
        ON
            population_match.register = before.register
            AND population_match.year - 1 = before.year
    LEFT JOIN core.population_match AS after
        ON
            population_match.register = after.register
            AND population_match.year + 1 = after.year
    SEMI JOIN needed
        ON
            population_match.register = needed.register
            AND population_match.year = needed.year
    WHERE
        -- Decisions and degrees follow the law and the year, runs of DREAM its codes.
        population_match.register NOT IN ('ankestyrelsen', 'uddf', 'dream')
        AND (
            after.n_rows IS NOT NULL
            OR population_match.register NOT IN ('lpr_adm', 'psyk_adm', 'sysi')
        )
)

SELECT
    beside.register,
    beside.year,
    beside.n_rows,
    beside.n_beside AS n_rows_beside
FROM beside
WHERE
    beside.n_rows < getvariable('min_size_share') * beside.n_beside
    -- Contacts come in bunches: ten times the error of independent ones.
    AND beside.n_beside - beside.n_rows > 10 * sqrt(beside.n_beside)
ORDER BY beside.register, beside.year
