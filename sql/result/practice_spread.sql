-- object: result.practice_spread
-- grain: one row per outcome, model, dimension and level
-- key: run_id, outcome, model, dimension, level
-- units: log odds, probabilities 0-1
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: variances have a weak prior that keeps them above 0; without any difference sd is small, not 0
-- disclosure: counts

CREATE TABLE result.practice_spread (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    dimension VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    sd DOUBLE NOT NULL,
    sd_low DOUBLE NOT NULL,
    sd_high DOUBLE NOT NULL,
    deviation_sd DOUBLE NOT NULL,
    deviation_sd_low DOUBLE NOT NULL,
    deviation_sd_high DOUBLE NOT NULL,
    sd_others DOUBLE NOT NULL,
    p_more DOUBLE,
    PRIMARY KEY (run_id, outcome, model, dimension, level)
);

COMMENT ON TABLE result.practice_spread IS
'How far municipalities differ in practice at each level, chance apart.';
COMMENT ON COLUMN result.practice_spread.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.practice_spread.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.practice_spread.model IS
'pooled: no municipality terms; within: one dummy per municipality; conditions: framework conditions too; no_health: within, without health factors.';
COMMENT ON COLUMN result.practice_spread.dimension IS
'diagnosis_group, tenure_band, age_band, sex, origin, labour_status (the route to the grant), or one of few main levels: diagnosis_main, tenure_main, age_main.';
COMMENT ON COLUMN result.practice_spread.level IS
'Level of the dimension; codes.factor, codes.diagnosis_group and codes.main_level name it.';
COMMENT ON COLUMN result.practice_spread.sd IS
'How far municipalities differ at this level: standard deviation of true effects, chance apart.';
COMMENT ON COLUMN result.practice_spread.sd_low IS
'Lower limit of sd at the level in result.setting.';
COMMENT ON COLUMN result.practice_spread.sd_high IS
'Upper limit of sd at the level in result.setting.';
COMMENT ON COLUMN result.practice_spread.deviation_sd IS
'The same for a municipality''s effect at this level less its mean over levels.';
COMMENT ON COLUMN result.practice_spread.deviation_sd_low IS
'Lower limit of deviation_sd at the level in result.setting.';
COMMENT ON COLUMN result.practice_spread.deviation_sd_high IS
'Upper limit of deviation_sd at the level in result.setting.';
COMMENT ON COLUMN result.practice_spread.sd_others IS
'Root of the mean variance of effects over the other levels.';
COMMENT ON COLUMN result.practice_spread.p_more IS
'One-sided p-value of the hypothesis that municipalities differ no more at this level than at the others; null for two levels.';
