-- object: result.breakdown
-- grain: one row per outcome, model, municipality, diagnosis group and tenure band
-- key: run_id, outcome, model, municipality_code, diagnosis_group, tenure_band
-- units: grants
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: cells add up to result.benchmark before disclosure control; a suppressed cell has null observed and ratio
-- disclosure: counts

CREATE TABLE result.breakdown (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    diagnosis_group VARCHAR NOT NULL,
    tenure_band VARCHAR NOT NULL,
    observed BIGINT,
    expected DOUBLE NOT NULL,
    noise_sd DOUBLE,
    ratio DOUBLE,
    ratio_low DOUBLE,
    ratio_high DOUBLE,
    is_suppressed BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, outcome, model, municipality_code, diagnosis_group, tenure_band)
);

COMMENT ON TABLE result.breakdown IS
'Observed and expected grants by main diagnosis and cash-benefit tenure.';
COMMENT ON COLUMN result.breakdown.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.breakdown.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.breakdown.model IS
'pooled: no municipality terms; within: one dummy per municipality; conditions: framework conditions too; no_health: within, without health factors.';
COMMENT ON COLUMN result.breakdown.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN result.breakdown.diagnosis_group IS 'Main diagnosis group of the grant.';
COMMENT ON COLUMN result.breakdown.tenure_band IS
'Cumulative years on cash or education benefit before the year at risk.';
COMMENT ON COLUMN result.breakdown.observed IS 'Grants (faktisk antal); null when withheld.';
COMMENT ON COLUMN result.breakdown.expected IS
'Grants expected at national practice, given who lives there (forventet antal).';
COMMENT ON COLUMN result.breakdown.noise_sd IS
'Standard deviation of the noise that protects observed; 0 where it is exact.';
COMMENT ON COLUMN result.breakdown.ratio IS
'Observed over expected (O/E); null where nothing is expected or the count is withheld.';
COMMENT ON COLUMN result.breakdown.ratio_low IS
'Lower limit of ratio at the level in result.setting.';
COMMENT ON COLUMN result.breakdown.ratio_high IS
'Upper limit of ratio at the level in result.setting.';
COMMENT ON COLUMN result.breakdown.is_suppressed IS
'Whether disclosure control withholds the count and what would reveal it.';
