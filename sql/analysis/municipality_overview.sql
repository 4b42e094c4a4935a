-- object: analysis.municipality_overview
-- database: benchmark
-- grain: one row per municipality
-- key: municipality_code
-- units: ratios, ranks, person-years
-- source: result
-- reads: now.benchmark, analysis.ranking_now
-- caveat: model within; an outcome that was not fitted is null

CREATE VIEW analysis.municipality_overview AS
SELECT
    benchmark.municipality_code,
    any_value(benchmark.municipality_name) AS municipality_name,
    max(benchmark.n_at_risk) AS n_at_risk,
    max(ranking.ratio) FILTER (WHERE ranking.outcome = 'FP') AS pension_ratio,
    max(ranking.rank) FILTER (WHERE ranking.outcome = 'FP') AS pension_rank,
    max(ranking.ratio) FILTER (WHERE ranking.outcome = 'FJ') AS flexjob_ratio,
    max(ranking.rank) FILTER (WHERE ranking.outcome = 'FJ') AS flexjob_rank,
    max(ranking.ratio) FILTER (WHERE ranking.outcome = 'ANY') AS any_ratio,
    max(ranking.rank) FILTER (WHERE ranking.outcome = 'ANY') AS any_rank,
    max(ranking.rank_low) FILTER (WHERE ranking.outcome = 'ANY') AS any_rank_low,
    max(ranking.rank_high) FILTER (WHERE ranking.outcome = 'ANY') AS any_rank_high
FROM now.benchmark AS benchmark
INNER JOIN analysis.ranking_now AS ranking
    ON
        benchmark.outcome = ranking.outcome
        AND benchmark.municipality_code = ranking.municipality_code
WHERE benchmark.model = 'within'
GROUP BY benchmark.municipality_code
ORDER BY benchmark.municipality_code;

COMMENT ON VIEW analysis.municipality_overview IS
'Each municipality on one line: pension, flexjob and both.';
COMMENT ON COLUMN analysis.municipality_overview.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN analysis.municipality_overview.municipality_name IS
'Name of the municipality.';
COMMENT ON COLUMN analysis.municipality_overview.n_at_risk IS
'Person-years at risk; the largest over outcomes.';
COMMENT ON COLUMN analysis.municipality_overview.pension_ratio IS
'Observed over expected, disability pension.';
COMMENT ON COLUMN analysis.municipality_overview.pension_rank IS
'Rank, disability pension; 1 = fewest relative to expectation.';
COMMENT ON COLUMN analysis.municipality_overview.flexjob_ratio IS
'Observed over expected, flexjob.';
COMMENT ON COLUMN analysis.municipality_overview.flexjob_rank IS
'Rank, flexjob; 1 = fewest relative to expectation.';
COMMENT ON COLUMN analysis.municipality_overview.any_ratio IS
'Observed over expected, the first of either.';
COMMENT ON COLUMN analysis.municipality_overview.any_rank IS
'Rank, the first of either; 1 = fewest relative to expectation.';
COMMENT ON COLUMN analysis.municipality_overview.any_rank_low IS
'Lowest rank the data do not rule out, the first of either.';
COMMENT ON COLUMN analysis.municipality_overview.any_rank_high IS
'Highest rank the data do not rule out, the first of either.';
