-- object: checks.register_keeps_its_matches
-- grain: one row per register and year whose persons match less often than in its other years
-- key: register, year
-- units: percent
-- source: setting max_drift_share
-- reads: core.population_match, meta.share_reference
-- caveat: against the median of the register's other years; what all years have lost alike is seen
--   against an earlier load (register_matches_as_before) and by persons_mostly_in_population; less
--   than 20 rows, or what chance has in so many, says nothing: a tenth is seen from 400 rows a year;
--   what an earlier load was let through with is not told again
-- severity: stop

WITH beside AS (
    SELECT
        population_match.register,
        population_match.year,
        population_match.n_rows,
        population_match.match_share,
        median(other.match_share) AS share_of_others,
        bool_or(abs(population_match.year - other.year) = 1) AS has_next
    FROM core.population_match
    INNER JOIN core.population_match AS other
        ON
            population_match.register = other.register
            AND population_match.year != other.year
    GROUP BY ALL
)

SELECT
    beside.register,
    beside.year,
    round(100 * beside.match_share, 1) AS percent_matched,
    round(100 * beside.share_of_others, 1) AS percent_in_other_years
FROM beside
LEFT JOIN meta.share_reference
    ON
        beside.register = share_reference.subject
        AND beside.year = share_reference.year
        AND share_reference.rules = getvariable('match_rules')
WHERE
    beside.match_share < beside.share_of_others - getvariable('max_drift_share')
    AND (beside.share_of_others - beside.match_share) * beside.n_rows
    > greatest(2 * sqrt(beside.n_rows), 20)
    -- A year of BEF without the ones beside it: many came or went meanwhile.
    AND (beside.register != 'bef' OR beside.has_next)
    AND (
        share_reference.share IS NULL
        OR beside.match_share < share_reference.share - getvariable('max_drift_share')
    )
ORDER BY beside.register, beside.year
