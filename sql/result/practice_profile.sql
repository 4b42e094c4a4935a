-- object: result.practice_profile
-- grain: one row per outcome, model, municipality, dimension and level
-- key: run_id, outcome, model, municipality_code, dimension, level
-- units: grants, log odds, probabilities 0-1
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: levels of one dimension add up to result.benchmark before disclosure control; dimensions are the same grants counted another way, never to be added
-- disclosure: counts

CREATE TABLE result.practice_profile (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    dimension VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    observed BIGINT,
    expected DOUBLE NOT NULL,
    noise_sd DOUBLE,
    ratio DOUBLE,
    ratio_low DOUBLE,
    ratio_high DOUBLE,
    practice_effect_shrunk DOUBLE,
    practice_effect_low DOUBLE,
    practice_effect_high DOUBLE,
    practice_deviation DOUBLE,
    practice_deviation_low DOUBLE,
    practice_deviation_high DOUBLE,
    p_below DOUBLE,
    p_above DOUBLE,
    is_suppressed BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, outcome, model, municipality_code, dimension, level)
);

COMMENT ON TABLE result.practice_profile IS
'Practice by one dimension at a time: observed and expected grants and the shrunken practice effect of each level.';
COMMENT ON COLUMN result.practice_profile.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.practice_profile.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.practice_profile.model IS
'pooled: no municipality terms; within: one dummy per municipality; conditions: framework conditions too; no_health: within, without health factors.';
COMMENT ON COLUMN result.practice_profile.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN result.practice_profile.dimension IS
'diagnosis_group, tenure_band, age_band, sex, origin, labour_status (the route to the grant), or one of few main levels: diagnosis_main, tenure_main, age_main.';
COMMENT ON COLUMN result.practice_profile.level IS
'Level of the dimension; codes.factor, codes.diagnosis_group and codes.main_level name it.';
COMMENT ON COLUMN result.practice_profile.observed IS 'Grants (faktisk antal); null when withheld.';
COMMENT ON COLUMN result.practice_profile.expected IS
'Grants expected at national practice, given who lives there (forventet antal).';
COMMENT ON COLUMN result.practice_profile.noise_sd IS
'Standard deviation of the noise that protects observed; 0 where it is exact.';
COMMENT ON COLUMN result.practice_profile.ratio IS
'Observed over expected (O/E); null where nothing is expected or the count is withheld.';
COMMENT ON COLUMN result.practice_profile.ratio_low IS
'Lower limit of ratio at the level in result.setting.';
COMMENT ON COLUMN result.practice_profile.ratio_high IS
'Upper limit of ratio at the level in result.setting.';
COMMENT ON COLUMN result.practice_profile.practice_effect_shrunk IS
'Practice at this level: log of true over expected grants, drawn to what the municipality does in all and to what all do at this level.';
COMMENT ON COLUMN result.practice_profile.practice_effect_low IS
'Lower limit of practice_effect_shrunk at the level in result.setting.';
COMMENT ON COLUMN result.practice_profile.practice_effect_high IS
'Upper limit of practice_effect_shrunk at the level in result.setting.';
COMMENT ON COLUMN result.practice_profile.practice_deviation IS
'practice_effect_shrunk less the municipality''s mean over the levels of the dimension, weighted by expected grants: where it differs from itself.';
COMMENT ON COLUMN result.practice_profile.practice_deviation_low IS
'Lower limit of practice_deviation at the level in result.setting.';
COMMENT ON COLUMN result.practice_profile.practice_deviation_high IS
'Upper limit of practice_deviation at the level in result.setting.';
COMMENT ON COLUMN result.practice_profile.p_below IS
'Probability that practice at this level is below what is expected, 0-1.';
COMMENT ON COLUMN result.practice_profile.p_above IS
'Probability that practice at this level is above what is expected, 0-1.';
COMMENT ON COLUMN result.practice_profile.is_suppressed IS
'Whether disclosure control withholds the count; effects are then drawn from the other counts shown.';
