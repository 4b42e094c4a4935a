-- question: Do municipalities that grant more than expected decide faster, refuse less, or see other
--   diagnoses?
-- database: benchmark
-- reads: now.case_processing, now.benchmark
-- returns: outcome, granting, n_municipalities, median_days, grants_per_refusal, mental_share
-- caveat: means over municipalities whose figures are shown; by who decided, while the benchmark is
--   by who lives there; thirds of the ratio, so some are in a third by chance

WITH placed AS (
    SELECT
        benchmark.outcome,
        benchmark.municipality_code,
        ntile(3) OVER (
            PARTITION BY benchmark.outcome
            ORDER BY benchmark.ratio, benchmark.municipality_code
        ) AS third
    FROM now.benchmark
    WHERE benchmark.model = 'within'
)

SELECT
    placed.outcome,
    CASE placed.third WHEN 1 THEN 'fewest' WHEN 2 THEN 'middle' ELSE 'most' END AS granting,
    count(*) FILTER (WHERE NOT case_processing.is_suppressed) AS n_municipalities,
    avg(case_processing.median_days) AS median_days,
    avg(case_processing.grants_per_refusal) AS grants_per_refusal,
    avg(case_processing.mental_share) AS mental_share
FROM placed
INNER JOIN now.case_processing
    ON
        placed.outcome = case_processing.outcome
        AND placed.municipality_code = case_processing.municipality_code
GROUP BY placed.outcome, placed.third
ORDER BY placed.outcome, placed.third;
