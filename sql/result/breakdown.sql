-- object: result.breakdown
-- grain: one row per outcome, model, municipality, diagnosis group and tenure band
-- key: run_id, outcome, model, municipality_code, diagnosis_group, tenure_band
-- units: grants
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: cells add up to result.benchmark before disclosure control; a suppressed cell has null observed and ratio

CREATE TABLE result.breakdown (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    diagnosis_group VARCHAR NOT NULL,
    tenure_band VARCHAR NOT NULL,
    observed BIGINT,
    expected DOUBLE NOT NULL,
    ratio DOUBLE,
    ratio_low DOUBLE,
    ratio_high DOUBLE,
    is_suppressed BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, outcome, model, municipality_code, diagnosis_group, tenure_band)
);

COMMENT ON TABLE result.breakdown IS 'Observed and expected grants by main diagnosis and cash-benefit tenure.';
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
COMMENT ON COLUMN result.breakdown.observed IS 'Grants; null where suppressed.';
COMMENT ON COLUMN result.breakdown.expected IS 'Expected grants; always given.';
COMMENT ON COLUMN result.breakdown.ratio IS
'observed over expected; null where suppressed or nothing is expected.';
COMMENT ON COLUMN result.breakdown.ratio_low IS 'Lower limit of the 95 % interval of ratio.';
COMMENT ON COLUMN result.breakdown.ratio_high IS 'Upper limit of the 95 % interval of ratio.';
COMMENT ON COLUMN result.breakdown.is_suppressed IS
'True where disclosure control removed observed.';
