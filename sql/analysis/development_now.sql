-- object: analysis.development_now
-- database: benchmark
-- grain: one row per outcome, municipality and year
-- key: outcome, municipality_code, year
-- units: grants
-- source: result
-- reads: now.development, now.benchmark
-- caveat: model within; withheld counts are null

CREATE VIEW analysis.development_now AS
SELECT
    cell.outcome,
    cell.municipality_code,
    benchmark.municipality_name,
    cell.year,
    cell.observed,
    cell.expected,
    cell.ratio,
    cell.ratio_low,
    cell.ratio_high,
    cell.is_suppressed
FROM now.development AS cell
INNER JOIN now.benchmark AS benchmark
    ON
        cell.outcome = benchmark.outcome
        AND cell.model = benchmark.model
        AND cell.municipality_code = benchmark.municipality_code
WHERE cell.model = 'within';

COMMENT ON VIEW analysis.development_now IS
'Grants year by year in the window, observed and expected.';
COMMENT ON COLUMN analysis.development_now.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN analysis.development_now.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN analysis.development_now.municipality_name IS
'Name of the municipality.';
COMMENT ON COLUMN analysis.development_now.year IS
'Year at risk.';
COMMENT ON COLUMN analysis.development_now.observed IS
'Grants made; null where withheld.';
COMMENT ON COLUMN analysis.development_now.expected IS
'Grants expected from who lives there, at national practice.';
COMMENT ON COLUMN analysis.development_now.ratio IS
'Observed over expected; null where withheld or nothing is expected.';
COMMENT ON COLUMN analysis.development_now.ratio_low IS
'Lower limit of ratio at the level in result.setting.';
COMMENT ON COLUMN analysis.development_now.ratio_high IS
'Upper limit of ratio at the level in result.setting.';
COMMENT ON COLUMN analysis.development_now.is_suppressed IS
'Whether disclosure control withholds the count.';
