-- object: analysis.series
-- database: benchmark
-- grain: one row per benchmark, years, outcome and municipality
-- key: benchmark, years, outcome, municipality_code
-- units: grants, ranks
-- source: result
-- reads: result.run, result.benchmark, result.ranking
-- caveat: model within; a benchmark that asks for each year has a run per year, each ranked on its
--   own against its own country; other benchmarks have one row per place

CREATE VIEW analysis.series AS
SELECT
    run.benchmark,
    run.years,
    benchmark.outcome,
    benchmark.municipality_code,
    benchmark.municipality_name,
    benchmark.observed,
    benchmark.expected,
    benchmark.ratio,
    benchmark.ratio_low,
    benchmark.ratio_high,
    ranking.rank,
    ranking.rank_low,
    ranking.rank_high
FROM result.run AS run
INNER JOIN result.benchmark AS benchmark ON run.run_id = benchmark.run_id
INNER JOIN result.ranking AS ranking
    ON
        benchmark.run_id = ranking.run_id
        AND benchmark.outcome = ranking.outcome
        AND benchmark.model = ranking.model
        AND benchmark.municipality_code = ranking.municipality_code
WHERE benchmark.model = 'within'
ORDER BY run.benchmark, benchmark.outcome, benchmark.municipality_code, run.years;

COMMENT ON VIEW analysis.series IS
'Every run of the release side by side: the years of one benchmark are a series.';
COMMENT ON COLUMN analysis.series.benchmark IS
'Benchmark answered.';
COMMENT ON COLUMN analysis.series.years IS
'Years at risk, with commas between; one year where the benchmark asks for each.';
COMMENT ON COLUMN analysis.series.outcome IS
'Outcome; see the benchmark.';
COMMENT ON COLUMN analysis.series.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN analysis.series.municipality_name IS
'Name of the municipality.';
COMMENT ON COLUMN analysis.series.observed IS
'Persons whom the outcome came to.';
COMMENT ON COLUMN analysis.series.expected IS
'Those expected from who lives there, at the country''s practice in the same years.';
COMMENT ON COLUMN analysis.series.ratio IS
'Observed over expected.';
COMMENT ON COLUMN analysis.series.ratio_low IS
'Lower limit of ratio at the level in result.setting.';
COMMENT ON COLUMN analysis.series.ratio_high IS
'Upper limit of ratio at the level in result.setting.';
COMMENT ON COLUMN analysis.series.rank IS
'1 = fewest relative to expectation in those years.';
COMMENT ON COLUMN analysis.series.rank_low IS
'Lowest rank the data do not rule out.';
COMMENT ON COLUMN analysis.series.rank_high IS
'Highest rank the data do not rule out.';
