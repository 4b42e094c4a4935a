-- object: analysis.diagnosis_tenure
-- database: benchmark
-- grain: one row per outcome, municipality and diagnosis_group and tenure_band
-- key: outcome, municipality_code, diagnosis_group, tenure_band
-- units: grants
-- source: result
-- reads: now.breakdown, now.benchmark
-- caveat: model within; withheld counts are null

CREATE VIEW analysis.diagnosis_tenure AS
SELECT
    cell.outcome,
    cell.municipality_code,
    benchmark.municipality_name,
    cell.diagnosis_group,
    cell.tenure_band,
    cell.observed,
    cell.expected,
    cell.ratio,
    cell.ratio_low,
    cell.ratio_high,
    cell.is_suppressed
FROM now.breakdown AS cell
INNER JOIN now.benchmark AS benchmark
    ON
        cell.outcome = benchmark.outcome
        AND cell.model = benchmark.model
        AND cell.municipality_code = benchmark.municipality_code
WHERE cell.model = 'within';

COMMENT ON VIEW analysis.diagnosis_tenure IS
'Grants by main diagnosis and time on cash benefit.';
COMMENT ON COLUMN analysis.diagnosis_tenure.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN analysis.diagnosis_tenure.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN analysis.diagnosis_tenure.municipality_name IS
'Name of the municipality.';
COMMENT ON COLUMN analysis.diagnosis_tenure.diagnosis_group IS
'Main diagnosis group of the grant.';
COMMENT ON COLUMN analysis.diagnosis_tenure.tenure_band IS
'Cumulative years on cash or education benefit before the year at risk.';
COMMENT ON COLUMN analysis.diagnosis_tenure.observed IS
'Grants made; null where withheld.';
COMMENT ON COLUMN analysis.diagnosis_tenure.expected IS
'Grants expected from who lives there, at national practice.';
COMMENT ON COLUMN analysis.diagnosis_tenure.ratio IS
'Observed over expected; null where withheld or nothing is expected.';
COMMENT ON COLUMN analysis.diagnosis_tenure.ratio_low IS
'Lower limit of ratio at the level in result.setting.';
COMMENT ON COLUMN analysis.diagnosis_tenure.ratio_high IS
'Upper limit of ratio at the level in result.setting.';
COMMENT ON COLUMN analysis.diagnosis_tenure.is_suppressed IS
'Whether disclosure control withholds the count.';
