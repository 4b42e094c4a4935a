-- object: result.attribute_group_test
-- grain: one row per outcome, attribute and measure
-- key: run_id, outcome, attribute, measure
-- units: groups, shares 0-1
-- source: pipeline.model.followups.attribute_groups, through pipeline.disclosure
-- reads: none
-- caveat: missing where fewer than two groups have figures; many tests, of which some fall out by chance
-- disclosure: counts

CREATE TABLE result.attribute_group_test (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    attribute VARCHAR NOT NULL,
    measure VARCHAR NOT NULL,
    p_value DOUBLE,
    PRIMARY KEY (run_id, outcome, attribute, measure)
);

COMMENT ON TABLE result.attribute_group_test IS
'The test that the groups of an attribute are alike in a measure of result.attribute_group.';
COMMENT ON COLUMN result.attribute_group_test.run_id IS
'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.attribute_group_test.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.attribute_group_test.attribute IS 'Name of the attribute in the file.';
COMMENT ON COLUMN result.attribute_group_test.measure IS 'Measure of result.rank_group.';
COMMENT ON COLUMN result.attribute_group_test.p_value IS
'Welch''s test that all groups are alike; shares are net of what composition lets expect.';
