-- object: checks.register_matches_as_before
-- grain: one row per register and year, or all its years, with fewer rows about residents than kept
-- key: register, years
-- units: percent
-- source: setting max_drift_share
-- reads: core.population_match, meta.share_reference
-- caveat: rows that no longer match, and rows that are gone; a year or register of which nothing is
--   left is for lookback_without_gap and factor_shares_as_before; less than 20 rows, or what chance
--   has in so many, says nothing: a tenth is seen from 400 rows
-- severity: stop

WITH compared AS (
    SELECT
        population_match.register,
        coalesce(CAST(population_match.year AS VARCHAR), 'all years') AS years,
        sum(population_match.n_rows) AS n_rows,
        sum(population_match.n_matched) AS n_matched,
        sum(share_reference.n) AS n_before,
        sum(share_reference.n / nullif(share_reference.share, 0)) AS n_rows_before
    FROM core.population_match
    INNER JOIN meta.share_reference
        ON
            population_match.register = share_reference.subject
            AND population_match.year = share_reference.year
            AND share_reference.rules = getvariable('match_rules')
    GROUP BY GROUPING SETS (
        (population_match.register, population_match.year), (population_match.register)
    )
)

SELECT
    compared.register,
    compared.years,
    round(100 * (compared.n_matched / compared.n_before - 1), 1) AS change_percent,
    round(100 * compared.n_matched / compared.n_rows, 1) AS percent_matched,
    round(100 * compared.n_before / compared.n_rows_before, 1) AS percent_before
FROM compared
WHERE
    compared.n_before - compared.n_matched
    > greatest(
        getvariable('max_drift_share') * compared.n_before, 2 * sqrt(compared.n_before), 20
    )
ORDER BY compared.register, compared.years
