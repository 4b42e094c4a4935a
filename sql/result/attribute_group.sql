-- object: result.attribute_group
-- grain: one row per outcome, attribute, group and measure
-- key: run_id, outcome, attribute, level, measure
-- units: days, ratios, shares 0-1
-- source: pipeline.model.followups.attribute_groups, through pipeline.disclosure
-- reads: none
-- caveat: of the main model; groups of fewer than five municipalities have no figures; associations, not causes
-- disclosure: counts

CREATE TABLE result.attribute_group (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    attribute VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    measure VARCHAR NOT NULL,
    n_municipalities INTEGER NOT NULL,
    value DOUBLE,
    low DOUBLE,
    high DOUBLE,
    PRIMARY KEY (run_id, outcome, attribute, level, measure)
);

COMMENT ON TABLE result.attribute_group IS
'The figures of result.rank_group by groups of municipalities: merged or not in 2007, and attributes from a file of the home.';
COMMENT ON COLUMN result.attribute_group.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.attribute_group.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.attribute_group.attribute IS 'Name of the attribute in the file.';
COMMENT ON COLUMN result.attribute_group.level IS 'The group; thirds of a number.';
COMMENT ON COLUMN result.attribute_group.measure IS 'Measure of result.rank_group.';
COMMENT ON COLUMN result.attribute_group.n_municipalities IS 'Municipalities that take part.';
COMMENT ON COLUMN result.attribute_group.value IS
'The group''s figure: days, a ratio or a share (0-1).';
COMMENT ON COLUMN result.attribute_group.low IS
'Lower limit at the level in result.setting; carries the differences inside the group.';
COMMENT ON COLUMN result.attribute_group.high IS 'Upper limit at the level in result.setting.';
