-- object: result.diagnosis_subgroup_spread
-- grain: one row per outcome, kind of diagnosis and diagnosis
-- key: run_id, outcome, diagnosis_kind, diagnosis_subgroup
-- units: log odds of a share per log odds of practice; log odds
-- source: pipeline.model.subgroups, through pipeline.disclosure
-- reads: none
-- caveat: of the main model; shares are net of what composition lets expect; the spread is of kinds alone and missing where too few counts are known; of twenty diagnoses without any trend one has a p-value below 5 %
-- disclosure: counts

CREATE TABLE result.diagnosis_subgroup_spread (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    diagnosis_kind VARCHAR NOT NULL,
    diagnosis_subgroup VARCHAR NOT NULL,
    n_municipalities INTEGER NOT NULL,
    slope DOUBLE,
    slope_low DOUBLE,
    slope_high DOUBLE,
    p_value DOUBLE,
    sd DOUBLE,
    sd_low DOUBLE,
    sd_high DOUBLE,
    sd_others DOUBLE,
    p_more DOUBLE,
    PRIMARY KEY (run_id, outcome, diagnosis_kind, diagnosis_subgroup)
);

COMMENT ON TABLE result.diagnosis_subgroup_spread IS
'How a diagnosis'' share of grants moves with practice, and how far municipalities differ in contested, other mental and other somatic diagnoses.';
COMMENT ON COLUMN result.diagnosis_subgroup_spread.run_id IS
'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.diagnosis_subgroup_spread.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.diagnosis_subgroup_spread.diagnosis_kind IS
'contested (read differently from office to office), else mental or somatic.';
COMMENT ON COLUMN result.diagnosis_subgroup_spread.diagnosis_subgroup IS
'Diagnosis of the grant inside its main group (codes.diagnosis_subgroup); all is all of the kind.';
COMMENT ON COLUMN result.diagnosis_subgroup_spread.n_municipalities IS
'Municipalities that take part.';
COMMENT ON COLUMN result.diagnosis_subgroup_spread.slope IS
'Change of the log odds of the diagnosis'' share of grants per log odds of practice; above 0 it weighs more where more is granted.';
COMMENT ON COLUMN result.diagnosis_subgroup_spread.slope_low IS
'Lower limit (Fieller) at the level in result.setting; null where practice does not differ beyond chance.';
COMMENT ON COLUMN result.diagnosis_subgroup_spread.slope_high IS
'Upper limit (Fieller) at the level in result.setting.';
COMMENT ON COLUMN result.diagnosis_subgroup_spread.p_value IS
'Two-sided test that the share has no trend over the fifths, municipalities as the units.';
COMMENT ON COLUMN result.diagnosis_subgroup_spread.sd IS
'How far municipalities differ at this level: standard deviation of true effects, chance apart.';
COMMENT ON COLUMN result.diagnosis_subgroup_spread.sd_low IS
'Lower limit of sd at the level in result.setting.';
COMMENT ON COLUMN result.diagnosis_subgroup_spread.sd_high IS
'Upper limit of sd at the level in result.setting.';
COMMENT ON COLUMN result.diagnosis_subgroup_spread.sd_others IS
'Root of the mean variance of effects over the other levels.';
COMMENT ON COLUMN result.diagnosis_subgroup_spread.p_more IS
'One-sided p-value of the hypothesis that municipalities differ no more in this kind than in the others.';
