-- question: Which municipalities stand out of the funnel also when chance is allowed to vary more than
--   it should, and after testing all of them?
-- database: benchmark
-- reads: result.benchmark
-- returns: outcome, municipality_name, observed, expected, ratio, flag_998, flag_overdispersed,
--   p_value, is_found
-- caveat: is_found keeps the share of false findings among all of an outcome at 5 %
--   (Benjamini-Hochberg); those flagged by the plain limits only are listed too, with is_found to
--   tell them apart

WITH tested AS (
    SELECT
        benchmark.outcome,
        benchmark.municipality_name,
        benchmark.observed,
        benchmark.expected,
        benchmark.ratio,
        benchmark.flag_95,
        benchmark.flag_998,
        benchmark.flag_overdispersed,
        benchmark.p_value,
        benchmark.p_value * count(*) OVER (PARTITION BY benchmark.outcome)
        / row_number() OVER (
            PARTITION BY benchmark.outcome
            ORDER BY benchmark.p_value, benchmark.municipality_code
        ) AS share_of_false
    FROM result.benchmark
    WHERE benchmark.model = 'within' AND benchmark.p_value IS NOT NULL
),

found AS (
    SELECT
        tested.outcome,
        max(tested.p_value) FILTER (WHERE tested.share_of_false <= 0.05) AS largest_p_value
    FROM tested
    GROUP BY tested.outcome
)

SELECT
    tested.outcome,
    tested.municipality_name,
    tested.observed,
    tested.expected,
    tested.ratio,
    tested.flag_998,
    tested.flag_overdispersed,
    tested.p_value,
    coalesce(tested.p_value <= found.largest_p_value, FALSE) AS is_found
FROM tested
INNER JOIN found ON tested.outcome = found.outcome
WHERE tested.flag_95 != 'within'
ORDER BY tested.outcome, tested.p_value;
