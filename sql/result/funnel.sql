-- object: result.funnel
-- grain: one row per share within chance and expected number
-- key: run_id, chance_share, expected
-- units: ratio of grants to expected grants
-- source: pipeline.model.numerics.predictive_limits
-- reads: none
-- caveat: of independent grants; a municipality's own flag_95 and flag_998 are by its residents' exact risks
-- disclosure: public

CREATE TABLE result.funnel (
    run_id VARCHAR NOT NULL,
    chance_share DOUBLE NOT NULL,
    expected DOUBLE NOT NULL,
    ratio_low DOUBLE NOT NULL,
    ratio_high DOUBLE NOT NULL,
    PRIMARY KEY (run_id, chance_share, expected)
);

COMMENT ON TABLE result.funnel IS
'What chance alone lets grants be of an expected number: the curves of the funnel plot.';
COMMENT ON COLUMN result.funnel.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.funnel.chance_share IS
'Share of counts within the limits where only chance is at work: 0.95 or 0.998.';
COMMENT ON COLUMN result.funnel.expected IS
'Expected grants that the limits are for; a grid up to beyond the largest municipality''s.';
COMMENT ON COLUMN result.funnel.ratio_low IS
'Lowest ratio within chance, between the last count inside and the first outside (Poisson, mid-p).';
COMMENT ON COLUMN result.funnel.ratio_high IS
'Highest ratio within chance, between the last count inside and the first outside (Poisson, mid-p).';
