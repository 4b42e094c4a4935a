-- question: Do municipalities in areas of high unemployment grant more than expected from who lives
--   there?
-- database: benchmark
-- reads: now.benchmark, now.framework_condition, analysis.ratio, analysis.ratio_low,
--   analysis.ratio_high
-- returns: outcome, unemployment_third, n_municipalities, observed, expected, ratio, ratio_low,
--   ratio_high
-- caveat: an association over municipalities, not a cause; expected counts take composition into
--   account and not the conditions; any column of a municipality can be grouped by in this way

WITH placed AS (
    SELECT
        framework_condition.municipality_code,
        ntile(3) OVER (
            ORDER BY framework_condition.value, framework_condition.municipality_code
        ) AS unemployment_third
    FROM now.framework_condition
    WHERE framework_condition.condition = 'area_unemployment_share'
)

SELECT
    benchmark.outcome,
    placed.unemployment_third,
    count(*) AS n_municipalities,
    CAST(sum(benchmark.observed) AS BIGINT) AS observed,
    sum(benchmark.expected) AS expected,
    analysis.ratio(sum(benchmark.observed), sum(benchmark.expected)) AS ratio,
    analysis.ratio_low(sum(benchmark.observed), sum(benchmark.expected)) AS ratio_low,
    analysis.ratio_high(sum(benchmark.observed), sum(benchmark.expected)) AS ratio_high
FROM now.benchmark
INNER JOIN placed ON benchmark.municipality_code = placed.municipality_code
WHERE benchmark.model = 'within'
GROUP BY benchmark.outcome, placed.unemployment_third
ORDER BY benchmark.outcome, placed.unemployment_third;
