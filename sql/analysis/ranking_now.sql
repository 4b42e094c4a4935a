-- object: analysis.ranking_now
-- database: benchmark
-- grain: one row per outcome and municipality
-- key: outcome, municipality_code
-- units: grants, ranks
-- source: result
-- reads: now.benchmark, now.ranking
-- caveat: model within; never quote a rank without rank_low and rank_high

CREATE VIEW analysis.ranking_now AS
SELECT
    benchmark.outcome,
    ranking.rank,
    ranking.rank_low,
    ranking.rank_high,
    ranking.rank_low_simultaneous <= 10 AS may_be_among_10_lowest,
    benchmark.municipality_code,
    benchmark.municipality_name,
    benchmark.observed,
    benchmark.expected,
    benchmark.ratio,
    benchmark.ratio_low,
    benchmark.ratio_high,
    benchmark.flag_998
FROM now.benchmark AS benchmark
INNER JOIN now.ranking AS ranking
    ON
        benchmark.outcome = ranking.outcome
        AND benchmark.model = ranking.model
        AND benchmark.municipality_code = ranking.municipality_code
WHERE benchmark.model = 'within'
ORDER BY benchmark.outcome, ranking.rank;

COMMENT ON VIEW analysis.ranking_now IS
'The ranking of the release: who grants fewest and most relative to expectation.';
COMMENT ON COLUMN analysis.ranking_now.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN analysis.ranking_now.rank IS
'1 = fewest granted relative to expectation.';
COMMENT ON COLUMN analysis.ranking_now.rank_low IS
'Lowest rank the data do not rule out.';
COMMENT ON COLUMN analysis.ranking_now.rank_high IS
'Highest rank the data do not rule out.';
COMMENT ON COLUMN analysis.ranking_now.may_be_among_10_lowest IS
'Whether it belongs to the set that holds all of the 10 lowest, with the confidence in result.setting.';
COMMENT ON COLUMN analysis.ranking_now.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN analysis.ranking_now.municipality_name IS
'Name of the municipality.';
COMMENT ON COLUMN analysis.ranking_now.observed IS
'Grants made.';
COMMENT ON COLUMN analysis.ranking_now.expected IS
'Grants expected from who lives there, at national practice.';
COMMENT ON COLUMN analysis.ranking_now.ratio IS
'Observed over expected.';
COMMENT ON COLUMN analysis.ranking_now.ratio_low IS
'Lower limit of ratio at the level in result.setting.';
COMMENT ON COLUMN analysis.ranking_now.ratio_high IS
'Upper limit of ratio at the level in result.setting.';
COMMENT ON COLUMN analysis.ranking_now.flag_998 IS
'low, within or high: outside the 99.8 % limits or not.';
