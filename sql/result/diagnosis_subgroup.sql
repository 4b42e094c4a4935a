-- object: result.diagnosis_subgroup
-- grain: one row per outcome, area, kind of diagnosis and diagnosis
-- key: run_id, outcome, diagnosis_kind, diagnosis_subgroup, area_code
-- units: grants
-- source: pipeline.model.subgroups, through pipeline.disclosure
-- reads: none
-- caveat: of the main model; diagnoses of a group add up to what is expected of the group; of the country as many are expected as were granted; fifths are formed by one half of the citizens and measured on the other; limits are those of chance in the count and do not carry how municipalities of an area differ; which diagnoses are contested is a reading, not a fact of the registers
-- disclosure: counts

CREATE TABLE result.diagnosis_subgroup (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    diagnosis_kind VARCHAR NOT NULL,
    diagnosis_subgroup VARCHAR NOT NULL,
    area_code VARCHAR NOT NULL,
    observed BIGINT,
    expected DOUBLE NOT NULL,
    noise_sd DOUBLE,
    ratio DOUBLE,
    ratio_low DOUBLE,
    ratio_high DOUBLE,
    is_suppressed BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, outcome, diagnosis_kind, diagnosis_subgroup, area_code)
);

COMMENT ON TABLE result.diagnosis_subgroup IS
'Observed and expected grants by diagnosis inside the main groups, contested and diffuse ones among them, of the country, fifths of municipalities by practice and regions.';
COMMENT ON COLUMN result.diagnosis_subgroup.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.diagnosis_subgroup.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.diagnosis_subgroup.diagnosis_kind IS
'contested (read differently from office to office), else mental or somatic.';
COMMENT ON COLUMN result.diagnosis_subgroup.diagnosis_subgroup IS
'Diagnosis of the grant inside its main group (codes.diagnosis_subgroup); all is all of the kind.';
COMMENT ON COLUMN result.diagnosis_subgroup.area_code IS
'000 the whole country, 081 to 085 the regions, fifth_1 to fifth_5 the fifths of municipalities from lowest to highest practice.';
COMMENT ON COLUMN result.diagnosis_subgroup.observed IS
'Grants (faktisk antal); null when withheld.';
COMMENT ON COLUMN result.diagnosis_subgroup.expected IS
'Grants expected at national practice, given who lives there (forventet antal).';
COMMENT ON COLUMN result.diagnosis_subgroup.noise_sd IS
'Standard deviation of the noise that protects observed; 0 where it is exact.';
COMMENT ON COLUMN result.diagnosis_subgroup.ratio IS
'Observed over expected (O/E); null where nothing is expected or the count is withheld.';
COMMENT ON COLUMN result.diagnosis_subgroup.ratio_low IS
'Lower limit of ratio at the level in result.setting.';
COMMENT ON COLUMN result.diagnosis_subgroup.ratio_high IS
'Upper limit of ratio at the level in result.setting.';
COMMENT ON COLUMN result.diagnosis_subgroup.is_suppressed IS
'Whether disclosure control withholds the count and what would reveal it.';
