-- object: release.fault
-- grain: one row per fault found
-- key: fault
-- units: none
-- source: result
-- reads: result.run, result.benchmark, result.ranking, result.breakdown,
--   result.breakdown_country, result.completeness, result.development_country, result.data_quality
-- caveat: a query, not a table; no row means that the release may be published

WITH total AS (
    SELECT
        run_id,
        outcome,
        model,
        count(*) AS n_municipalities,
        sum(observed) AS observed,
        fsum(expected) AS expected
    FROM result.benchmark
    GROUP BY ALL
),

cell AS (
    SELECT
        run_id,
        outcome,
        model,
        municipality_code,
        fsum(expected) AS expected,
        sum(observed) AS observed_shown,
        count(*) AS n_cells,
        bool_or(is_suppressed) AS has_suppressed,
        bool_or(noise_sd > 0) AS has_noise
    FROM result.breakdown
    GROUP BY ALL
),

country AS (
    SELECT
        run_id,
        outcome,
        model,
        fsum(expected) AS expected,
        sum(observed) AS observed_shown,
        count(*) AS n_cells,
        bool_or(is_suppressed) AS has_suppressed,
        bool_or(noise_sd > 0) AS has_noise
    FROM result.breakdown_country
    GROUP BY ALL
),

-- A municipality that reported no year of the window has no row.
silent AS (
    SELECT
        completeness.run_id,
        completeness.municipality_code
    FROM result.completeness
    SEMI JOIN result.development_country AS development_country
        ON
            completeness.run_id = development_country.run_id
            AND completeness.year = development_country.year
    GROUP BY completeness.run_id, completeness.municipality_code
    HAVING NOT bool_or(completeness.is_reported)
),

expected_municipality AS (
    SELECT
        run.run_id,
        (SELECT count(*) FROM codes.municipality)
        - count(silent.municipality_code) AS n_expected
    FROM result.run
    LEFT JOIN silent ON run.run_id = silent.run_id
    GROUP BY run.run_id
),

fault AS (
    SELECT 'result.run has no row' AS fault
    FROM result.run
    HAVING count(*) = 0

    UNION ALL

    SELECT 'result.run: run_order is not 1 to ' || count(*)
    FROM result.run
    HAVING list_sort(list(run_order)) <> range(1, count(*) + 1)

    UNION ALL

    SELECT run.run_id || ': result.benchmark is empty'
    FROM result.run AS run
    ANTI JOIN result.benchmark AS benchmark ON run.run_id = benchmark.run_id

    UNION ALL

    SELECT
        total.outcome || ' ' || total.model || ': ' || total.n_municipalities
        || ' municipalities in result.benchmark; expected '
        || expected_municipality.n_expected
    FROM total
    INNER JOIN expected_municipality ON total.run_id = expected_municipality.run_id
    WHERE total.n_municipalities <> expected_municipality.n_expected

    UNION ALL

    SELECT
        outcome || ' ' || model || ': expected grants sum to ' || round(expected, 6)
        || ', observed to ' || observed
    FROM total
    WHERE NOT abs(expected - observed) <= 1e-6 * observed + 0.01 * n_municipalities

    UNION ALL

    SELECT
        benchmark.outcome || ' ' || benchmark.model || ' ' || benchmark.municipality_code
        || ': no row in result.ranking'
    FROM result.benchmark AS benchmark
    ANTI JOIN result.ranking AS ranking
        ON
            benchmark.run_id = ranking.run_id
            AND benchmark.outcome = ranking.outcome
            AND benchmark.model = ranking.model
            AND benchmark.municipality_code = ranking.municipality_code

    UNION ALL

    SELECT
        outcome || ' ' || model || ' ' || municipality_code || ': rank ' || rank
        || ' outside its interval ' || rank_low || '-' || rank_high
    FROM result.ranking
    WHERE
        NOT (rank BETWEEN rank_low AND rank_high)
        OR NOT (rank BETWEEN 1 AND (SELECT count(*) FROM codes.municipality))

    UNION ALL

    SELECT
        benchmark.outcome || ' ' || benchmark.model || ' ' || benchmark.municipality_code
        || ': the breakdown does not add up to result.benchmark'
    FROM result.benchmark AS benchmark
    LEFT JOIN cell
        ON
            benchmark.run_id = cell.run_id
            AND benchmark.outcome = cell.outcome
            AND benchmark.model = cell.model
            AND benchmark.municipality_code = cell.municipality_code
    WHERE
        cell.expected IS NULL
        OR NOT abs(cell.expected - benchmark.expected) <= 0.01 * cell.n_cells
        OR (
            NOT cell.has_noise AND NOT cell.has_suppressed
            AND cell.observed_shown <> benchmark.observed
        )
        OR (
            NOT cell.has_noise AND cell.has_suppressed
            AND cell.observed_shown > benchmark.observed
        )

    UNION ALL

    SELECT
        total.outcome || ' ' || total.model
        || ': result.breakdown_country does not add up to result.benchmark'
    FROM total
    LEFT JOIN country
        ON
            total.run_id = country.run_id
            AND total.outcome = country.outcome
            AND total.model = country.model
    WHERE
        country.expected IS NULL
        OR NOT abs(country.expected - total.expected)
        <= 0.01 * (country.n_cells + total.n_municipalities)
        OR (
            NOT country.has_noise AND NOT country.has_suppressed
            AND country.observed_shown <> total.observed
        )
        OR (
            NOT country.has_noise AND country.has_suppressed
            AND country.observed_shown > total.observed
        )

    UNION ALL

    SELECT concat_ws(' ', outcome, model, municipality_code) || ': a suppressed cell shows a count'
    FROM result.breakdown
    WHERE is_suppressed AND (observed IS NOT NULL OR ratio IS NOT NULL)

    UNION ALL

    SELECT register || ': check ' || "check" || ' stopped (' || detail || ')'
    FROM result.data_quality
    WHERE status = 'stop'
)

SELECT fault FROM fault
ORDER BY fault;
