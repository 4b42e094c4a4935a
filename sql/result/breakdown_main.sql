-- object: result.breakdown_main
-- grain: one row per outcome, model, municipality, main diagnosis and main tenure
-- key: run_id, outcome, model, municipality_code, diagnosis_main, tenure_main
-- units: grants
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: cells add up to result.benchmark before disclosure control; a suppressed cell has null observed and ratio
-- disclosure: counts

CREATE TABLE result.breakdown_main (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    diagnosis_main VARCHAR NOT NULL,
    tenure_main VARCHAR NOT NULL,
    observed BIGINT,
    expected DOUBLE NOT NULL,
    noise_sd DOUBLE,
    ratio DOUBLE,
    ratio_low DOUBLE,
    ratio_high DOUBLE,
    is_suppressed BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, outcome, model, municipality_code, diagnosis_main, tenure_main)
);

COMMENT ON TABLE result.breakdown_main IS
'Observed and expected grants by three main diagnoses and three lengths of tenure.';
COMMENT ON COLUMN result.breakdown_main.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.breakdown_main.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.breakdown_main.model IS
'pooled: no municipality terms; within: one dummy per municipality; conditions: framework conditions too; no_health: within, without health factors.';
COMMENT ON COLUMN result.breakdown_main.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN result.breakdown_main.diagnosis_main IS
'Main diagnosis: mental, musculoskeletal or other.';
COMMENT ON COLUMN result.breakdown_main.tenure_main IS
'Cumulative years on cash or education benefit: none, up_to_2 or over_2.';
COMMENT ON COLUMN result.breakdown_main.observed IS 'Grants (faktisk antal); null when withheld.';
COMMENT ON COLUMN result.breakdown_main.expected IS
'Grants expected at national practice, given who lives there (forventet antal).';
COMMENT ON COLUMN result.breakdown_main.noise_sd IS
'Standard deviation of the noise that protects observed; 0 where it is exact.';
COMMENT ON COLUMN result.breakdown_main.ratio IS
'Observed over expected (O/E); null where nothing is expected or the count is withheld.';
COMMENT ON COLUMN result.breakdown_main.ratio_low IS
'Lower limit of ratio at the level in result.setting.';
COMMENT ON COLUMN result.breakdown_main.ratio_high IS
'Upper limit of ratio at the level in result.setting.';
COMMENT ON COLUMN result.breakdown_main.is_suppressed IS
'Whether disclosure control withholds the count and what would reveal it.';
