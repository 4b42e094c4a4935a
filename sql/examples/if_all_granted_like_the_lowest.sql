-- question: How many fewer grants would there be if every municipality granted like the 10 lowest?
-- database: benchmark
-- reads: now.counterfactual, now.benchmark
-- returns: outcome, method, observed, fewer_grants, fewer_low, fewer_high, fewer_share
-- caveat: naive is AKF's way and overstates, since the lowest are lowest partly by chance; the other
--   methods correct for it; no causal claim and no recommendation

WITH country AS (
    SELECT
        benchmark.outcome,
        benchmark.model,
        CAST(sum(benchmark.observed) AS BIGINT) AS observed
    FROM now.benchmark
    GROUP BY benchmark.outcome, benchmark.model
)

SELECT
    counterfactual.outcome,
    counterfactual.method,
    country.observed,
    counterfactual.fewer_grants,
    counterfactual.fewer_low,
    counterfactual.fewer_high,
    counterfactual.fewer_share
FROM now.counterfactual
INNER JOIN country
    ON counterfactual.outcome = country.outcome AND counterfactual.model = country.model
WHERE counterfactual.model = 'within' AND counterfactual.standard = 'lowest_10'
ORDER BY counterfactual.outcome, counterfactual.method;
