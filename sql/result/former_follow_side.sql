-- object: result.former_follow_side
-- grain: one row per outcome, side and rule, where the window is near 2007
-- key: run_id, outcome, side, rule
-- units: shares 0-1, ratio
-- source: pipeline.model.years, from counts as shown
-- reads: none
-- caveat: sides are those of the level before the reform, whose chance makes those of few grants rise and of many fall a little; all shares are as likely before, so that without information each is a third with a wide interval; that all merged tighten alike is joint_change and no rule
-- disclosure: counts

CREATE TABLE result.former_follow_side (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    side VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    n_municipalities INTEGER NOT NULL,
    share DOUBLE NOT NULL,
    share_low DOUBLE NOT NULL,
    share_high DOUBLE NOT NULL,
    p_commonest DOUBLE NOT NULL,
    joint_change DOUBLE NOT NULL,
    joint_change_low DOUBLE NOT NULL,
    joint_change_high DOUBLE NOT NULL,
    PRIMARY KEY (run_id, outcome, side, rule)
);

COMMENT ON TABLE result.former_follow_side IS
'Share of the municipalities merged in 2007 that grant as the mean, the largest or the strictest of their parts, and the change that they share, apart by whether they granted few or many before.';
COMMENT ON COLUMN result.former_follow_side.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.former_follow_side.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.former_follow_side.side IS
'few: granted less than expected before the reform; many: more.';
COMMENT ON COLUMN result.former_follow_side.rule IS 'mean, largest or strictest of the parts.';
COMMENT ON COLUMN result.former_follow_side.n_municipalities IS 'Municipalities that take part.';
COMMENT ON COLUMN result.former_follow_side.share IS
'Share of merged municipalities that follow the rule.';
COMMENT ON COLUMN result.former_follow_side.share_low IS
'Lower end of the shortest interval of share.';
COMMENT ON COLUMN result.former_follow_side.share_high IS
'Upper end of the shortest interval of share.';
COMMENT ON COLUMN result.former_follow_side.p_commonest IS
'Probability that most municipalities follow the rule.';
COMMENT ON COLUMN result.former_follow_side.joint_change IS
'Change against the country that all merged municipalities share, beside the rule; one figure for the outcome.';
COMMENT ON COLUMN result.former_follow_side.joint_change_low IS 'Lower limit of joint_change.';
COMMENT ON COLUMN result.former_follow_side.joint_change_high IS 'Upper limit of joint_change.';
