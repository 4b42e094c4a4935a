-- object: result.rank_group_trend
-- grain: one row per outcome, group basis and measure
-- key: run_id, outcome, group_basis, measure
-- units: log of the measure, or log odds of a share, per log odds of practice
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: shares are net of what composition lets expect; limits are missing where practice does not differ beyond chance; goes with, not because of
-- disclosure: counts

CREATE TABLE result.rank_group_trend (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    group_basis VARCHAR NOT NULL,
    measure VARCHAR NOT NULL,
    n_municipalities INTEGER NOT NULL,
    slope DOUBLE,
    slope_low DOUBLE,
    slope_high DOUBLE,
    p_value DOUBLE,
    PRIMARY KEY (run_id, outcome, group_basis, measure)
);

COMMENT ON TABLE result.rank_group_trend IS
'How a figure moves with practice over the fifths, with the test that it does not.';
COMMENT ON COLUMN result.rank_group_trend.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.rank_group_trend.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.rank_group_trend.group_basis IS
'cross_fitted: fifths formed on one half of the persons, measured on the other; same_window: formed and measured on all.';
COMMENT ON COLUMN result.rank_group_trend.measure IS 'Measure of result.rank_group.';
COMMENT ON COLUMN result.rank_group_trend.n_municipalities IS 'Municipalities that take part.';
COMMENT ON COLUMN result.rank_group_trend.slope IS
'Change of the logarithm of the measure (of shares: log odds) per log odds of practice.';
COMMENT ON COLUMN result.rank_group_trend.slope_low IS
'Lower limit (Fieller) at the level in result.setting; null where practice does not differ beyond chance.';
COMMENT ON COLUMN result.rank_group_trend.slope_high IS
'Upper limit (Fieller) at the level in result.setting.';
COMMENT ON COLUMN result.rank_group_trend.p_value IS
'Two-sided test that the fifths have no trend, municipalities as the units.';
