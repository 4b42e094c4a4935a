-- object: result.practice_profile_area
-- grain: one row per outcome, model, area, dimension and level
-- key: run_id, outcome, model, area, dimension, level
-- units: grants
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: the country and the regions in one table, so that one filter compares them; not shrunken, their counts speak for themselves
-- disclosure: counts

CREATE TABLE result.practice_profile_area (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    area VARCHAR NOT NULL,
    dimension VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    observed BIGINT,
    expected DOUBLE NOT NULL,
    noise_sd DOUBLE,
    ratio DOUBLE,
    ratio_low DOUBLE,
    ratio_high DOUBLE,
    is_suppressed BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, outcome, model, area, dimension, level)
);

COMMENT ON TABLE result.practice_profile_area IS
'Observed and expected grants of the country and the five regions by one dimension at a time.';
COMMENT ON COLUMN result.practice_profile_area.run_id IS
'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.practice_profile_area.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.practice_profile_area.model IS
'pooled: no municipality terms; within: one dummy per municipality; conditions: framework conditions too; no_health: within, without health factors.';
COMMENT ON COLUMN result.practice_profile_area.area IS 'Danmark, or one of the five regions.';
COMMENT ON COLUMN result.practice_profile_area.dimension IS
'diagnosis_group, tenure_band, age_band, sex, origin, labour_status (the route to the grant), or one of few main levels: diagnosis_main, tenure_main, age_main.';
COMMENT ON COLUMN result.practice_profile_area.level IS
'Level of the dimension; codes.factor, codes.diagnosis_group and codes.main_level name it.';
COMMENT ON COLUMN result.practice_profile_area.observed IS
'Grants (faktisk antal); null when withheld.';
COMMENT ON COLUMN result.practice_profile_area.expected IS
'Grants expected at national practice, given who lives there (forventet antal).';
COMMENT ON COLUMN result.practice_profile_area.noise_sd IS
'Standard deviation of the noise that protects observed; 0 where it is exact.';
COMMENT ON COLUMN result.practice_profile_area.ratio IS
'Observed over expected (O/E); null where nothing is expected or the count is withheld.';
COMMENT ON COLUMN result.practice_profile_area.ratio_low IS
'Lower limit of ratio at the level in result.setting.';
COMMENT ON COLUMN result.practice_profile_area.ratio_high IS
'Upper limit of ratio at the level in result.setting.';
COMMENT ON COLUMN result.practice_profile_area.is_suppressed IS
'Whether disclosure control withholds the count and what would reveal it.';
