-- question: What was wrong with the data, and did every municipality report?
-- database: benchmark
-- reads: now.data_quality, now.benchmark
-- returns: register, finding, severity, status, n_rows, n_failing, detail
-- caveat: a warning does not stop a night; a municipality with coverage below 1 is judged on the
--   years that it reported, and missing ones have no row in the benchmark at all

SELECT
    data_quality.register,
    data_quality."check" AS finding,
    data_quality.severity,
    data_quality.status,
    data_quality.n_rows,
    data_quality.n_failing,
    data_quality.detail
FROM now.data_quality
WHERE data_quality.status != 'ok' OR data_quality."check" = 'rows_accounted_for'
UNION ALL
SELECT
    'ankestyrelsen' AS register,
    'coverage' AS finding,
    'warn' AS severity,
    CASE WHEN min(benchmark.coverage) < 1 THEN 'warn' ELSE 'ok' END AS status,
    count(DISTINCT benchmark.municipality_code) AS n_rows,
    count(DISTINCT benchmark.municipality_code) FILTER (WHERE benchmark.coverage < 1) AS n_failing,
    coalesce(
        string_agg(DISTINCT benchmark.municipality_name, ', ' ORDER BY benchmark.municipality_name)
        FILTER (WHERE benchmark.coverage < 1), 'all reported'
    ) AS detail
FROM now.benchmark
WHERE benchmark.model = 'within'
ORDER BY ALL;
