-- object: result.prior
-- grain: one row per outcome, model within, where municipalities differ beyond chance
-- key: run_id, outcome, model
-- units: log odds, shares 0-1
-- source: pipeline.model.followups.prior, through pipeline.disclosure
-- reads: none
-- caveat: the free distribution fits better by chance alone: p_value says how often as much
-- disclosure: counts

CREATE TABLE result.prior (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    sd DOUBLE NOT NULL,
    sd_free DOUBLE NOT NULL,
    kurtosis DOUBLE NOT NULL,
    miss_share DOUBLE NOT NULL,
    likelihood_gain DOUBLE NOT NULL,
    p_value DOUBLE NOT NULL,
    effect_moved DOUBLE NOT NULL,
    effect_moved_most DOUBLE NOT NULL,
    size_effect DOUBLE,
    size_effect_low DOUBLE,
    size_effect_high DOUBLE,
    size_p_value DOUBLE,
    sd_small DOUBLE,
    sd_large DOUBLE,
    PRIMARY KEY (run_id, outcome, model)
);

COMMENT ON TABLE result.prior IS
'What shrinkage takes for granted of how practice is distributed, held against what needs less.';
COMMENT ON COLUMN result.prior.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.prior.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.prior.model IS
'pooled: no municipality terms; within: one dummy per municipality; conditions: framework conditions too; no_health: within, without health factors.';
COMMENT ON COLUMN result.prior.sd IS 'Spread between municipalities where practice is normal.';
COMMENT ON COLUMN result.prior.sd_free IS
'Standard deviation of the most likely distribution of practice of any shape.';
COMMENT ON COLUMN result.prior.kurtosis IS
'Fourth moment of true practice by the second squared; 3 for a normal distribution.';
COMMENT ON COLUMN result.prior.miss_share IS
'Share of municipalities that the usual intervals miss at most when only spread and kurtosis are known.';
COMMENT ON COLUMN result.prior.likelihood_gain IS
'How much larger the log likelihood of the free distribution is than that of the normal one.';
COMMENT ON COLUMN result.prior.p_value IS
'How often the free distribution fits as much better where practice is normal (49 countries drawn).';
COMMENT ON COLUMN result.prior.effect_moved IS
'Mean difference of a municipality''s shrunken practice under the two distributions.';
COMMENT ON COLUMN result.prior.effect_moved_most IS
'Largest difference of a municipality''s shrunken practice under the two distributions.';
COMMENT ON COLUMN result.prior.size_effect IS
'Change of practice where a municipality expects twice the grants.';
COMMENT ON COLUMN result.prior.size_effect_low IS 'Lower limit at the level in result.setting.';
COMMENT ON COLUMN result.prior.size_effect_high IS 'Upper limit at the level in result.setting.';
COMMENT ON COLUMN result.prior.size_p_value IS 'Test that practice does not go with size.';
COMMENT ON COLUMN result.prior.sd_small IS 'Spread in the half that expects fewest grants.';
COMMENT ON COLUMN result.prior.sd_large IS 'Spread in the half that expects most grants.';
