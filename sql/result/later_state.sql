-- object: result.later_state
-- grain: one row per years after, area, dimension and level
-- key: run_id, horizon_years, area_code, dimension, level
-- units: persons, shares 0-1
-- source: pipeline.model.lives.later_state, through pipeline.disclosure
-- reads: none
-- caveat: expected by a multinomial logit of the state on the factors of the benchmark, without municipalities, fitted to the sums of the whole cohort by level and state as they are shown, with a ridge that draws levels of few persons towards the country; municipality of residence at the beginning, wherever people live later; DREAM tells no work, so that self-supporting is without benefit and mostly work; horizons that the registers do not reach have no rows; no causal claim
-- disclosure: counts

CREATE TABLE result.later_state (
    run_id VARCHAR NOT NULL,
    horizon_years INTEGER NOT NULL,
    area_code VARCHAR NOT NULL,
    dimension VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    n_cohort BIGINT NOT NULL,
    n_persons BIGINT,
    noise_sd DOUBLE,
    expected DOUBLE NOT NULL,
    share DOUBLE,
    share_low DOUBLE,
    share_high DOUBLE,
    share_expected DOUBLE,
    ratio DOUBLE,
    ratio_low DOUBLE,
    ratio_high DOUBLE,
    p_below DOUBLE,
    p_above DOUBLE,
    instead VARCHAR,
    is_suppressed BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, horizon_years, area_code, dimension, level)
);

COMMENT ON TABLE result.later_state IS
'Persons of a cohort by their state 1, 2, 3 and 5 years after the first year begins, observed and expected. The cohort: those at risk of ANY then who are in the top tenth of expected risk, by the first stage of the model that the follow-up questions use.';
COMMENT ON COLUMN result.later_state.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.later_state.horizon_years IS
'Years after the first one begins, 1, 2, 3 or 5; the state is that of the last week.';
COMMENT ON COLUMN result.later_state.area_code IS
'000 the whole country, fifth_1 to fifth_5 the fifths of municipalities from lowest to highest practice, else the municipality, three digits.';
COMMENT ON COLUMN result.later_state.dimension IS
'state, or state_kind: granted, waiting, self_supporting, elsewhere.';
COMMENT ON COLUMN result.later_state.level IS
'Group of benefit states as in codes.state_group, or work; or the kind of state.';
COMMENT ON COLUMN result.later_state.n_cohort IS
'Persons of the cohort who lived in the area, with noise.';
COMMENT ON COLUMN result.later_state.n_persons IS
'Persons in the state, with noise; null where too few are expected.';
COMMENT ON COLUMN result.later_state.noise_sd IS
'Standard deviation of the noise that protects n_persons; 0 where it is exact.';
COMMENT ON COLUMN result.later_state.expected IS
'Persons to be expected in the state with the country''s distribution in each stratum.';
COMMENT ON COLUMN result.later_state.share IS 'Share of the counts shown, 0-1.';
COMMENT ON COLUMN result.later_state.share_low IS 'Lower limit of share, noise included.';
COMMENT ON COLUMN result.later_state.share_high IS 'Upper limit of share, noise included.';
COMMENT ON COLUMN result.later_state.share_expected IS
'Share of the area''s persons of the cohort expected in the state, 0-1.';
COMMENT ON COLUMN result.later_state.ratio IS 'Share observed over share expected.';
COMMENT ON COLUMN result.later_state.ratio_low IS
'Lower limit of ratio at the level in result.setting.';
COMMENT ON COLUMN result.later_state.ratio_high IS
'Upper limit of ratio at the level in result.setting.';
COMMENT ON COLUMN result.later_state.p_below IS
'Probability of fewer than expected, shrunken; of municipalities and kinds only.';
COMMENT ON COLUMN result.later_state.p_above IS
'Probability of more than expected, shrunken; of municipalities and kinds only.';
COMMENT ON COLUMN result.later_state.instead IS
'What probably stands in place of grants, on the row granted of a municipality: waiting, self_supporting, both, unknown, or not_low where grants are not probably few.';
COMMENT ON COLUMN result.later_state.is_suppressed IS
'Whether disclosure control withholds the count and what would reveal it.';
