-- object: analysis.age_now
-- database: benchmark
-- grain: one row per outcome, municipality and age_band
-- key: outcome, municipality_code, age_band
-- units: grants
-- source: result
-- reads: now.breakdown_age, now.benchmark
-- caveat: model within; withheld counts are null

CREATE VIEW analysis.age_now AS
SELECT
    cell.outcome,
    cell.municipality_code,
    benchmark.municipality_name,
    cell.age_band,
    cell.observed,
    cell.expected,
    cell.ratio,
    cell.ratio_low,
    cell.ratio_high,
    cell.is_suppressed
FROM now.breakdown_age AS cell
INNER JOIN now.benchmark AS benchmark
    ON
        cell.outcome = benchmark.outcome
        AND cell.model = benchmark.model
        AND cell.municipality_code = benchmark.municipality_code
WHERE cell.model = 'within';

COMMENT ON VIEW analysis.age_now IS
'Grants by age.';
COMMENT ON COLUMN analysis.age_now.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN analysis.age_now.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN analysis.age_now.municipality_name IS
'Name of the municipality.';
COMMENT ON COLUMN analysis.age_now.age_band IS
'Age at the end of the year before, full years.';
COMMENT ON COLUMN analysis.age_now.observed IS
'Grants made; null where withheld.';
COMMENT ON COLUMN analysis.age_now.expected IS
'Grants expected from who lives there, at national practice.';
COMMENT ON COLUMN analysis.age_now.ratio IS
'Observed over expected; null where withheld or nothing is expected.';
COMMENT ON COLUMN analysis.age_now.ratio_low IS
'Lower limit of ratio at the level in result.setting.';
COMMENT ON COLUMN analysis.age_now.ratio_high IS
'Upper limit of ratio at the level in result.setting.';
COMMENT ON COLUMN analysis.age_now.is_suppressed IS
'Whether disclosure control withholds the count.';
