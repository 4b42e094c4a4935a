-- object: result.breakdown_country
-- grain: one row per outcome, model, diagnosis group and tenure band
-- key: run_id, outcome, model, diagnosis_group, tenure_band
-- units: grants
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: sums over all municipalities, also the suppressed cells of result.breakdown
-- disclosure: counts

CREATE TABLE result.breakdown_country (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    diagnosis_group VARCHAR NOT NULL,
    tenure_band VARCHAR NOT NULL,
    observed BIGINT,
    expected DOUBLE NOT NULL,
    noise_sd DOUBLE,
    ratio DOUBLE,
    ratio_low DOUBLE,
    ratio_high DOUBLE,
    is_suppressed BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, outcome, model, diagnosis_group, tenure_band)
);

COMMENT ON TABLE result.breakdown_country IS
'Observed and expected grants by main diagnosis and cash-benefit tenure, whole country.';
COMMENT ON COLUMN result.breakdown_country.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.breakdown_country.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.breakdown_country.model IS
'pooled: no municipality terms; within: one dummy per municipality; conditions: framework conditions too; no_health: within, without health factors.';
COMMENT ON COLUMN result.breakdown_country.diagnosis_group IS 'Main diagnosis group of the grant.';
COMMENT ON COLUMN result.breakdown_country.tenure_band IS
'Cumulative years on cash or education benefit before the year at risk.';
COMMENT ON COLUMN result.breakdown_country.observed IS
'Grants (faktisk antal); null when withheld.';
COMMENT ON COLUMN result.breakdown_country.expected IS
'Grants expected at national practice, given who lives there (forventet antal).';
COMMENT ON COLUMN result.breakdown_country.noise_sd IS
'Standard deviation of the noise that protects observed; 0 where it is exact.';
COMMENT ON COLUMN result.breakdown_country.ratio IS
'Observed over expected (O/E); null where nothing is expected or the count is withheld.';
COMMENT ON COLUMN result.breakdown_country.ratio_low IS
'Lower limit of ratio at the level in result.setting.';
COMMENT ON COLUMN result.breakdown_country.ratio_high IS
'Upper limit of ratio at the level in result.setting.';
COMMENT ON COLUMN result.breakdown_country.is_suppressed IS
'Whether disclosure control withholds the count and what would reveal it.';
