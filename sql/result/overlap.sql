-- object: result.overlap
-- grain: one row per outcome and municipality, model within
-- key: run_id, outcome, model, municipality_code
-- units: shares 0-1 of expected grants
-- source: pipeline.model.tables.overlap, through pipeline.disclosure
-- reads: none
-- caveat: low overlap or much that is rare: what the country would do with these people is the model's extrapolation
-- disclosure: counts

CREATE TABLE result.overlap (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    overlap_share DOUBLE NOT NULL,
    rare_share DOUBLE NOT NULL,
    PRIMARY KEY (run_id, outcome, model, municipality_code)
);

COMMENT ON TABLE result.overlap IS
'How much of a municipality''s expected grants comes from people whose like live elsewhere too.';
COMMENT ON COLUMN result.overlap.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.overlap.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.overlap.model IS
'pooled: no municipality terms; within: one dummy per municipality; conditions: framework conditions too; no_health: within, without health factors.';
COMMENT ON COLUMN result.overlap.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN result.overlap.overlap_share IS
'Share of expected grants that falls into tenths of risk as the country''s does.';
COMMENT ON COLUMN result.overlap.rare_share IS
'Share of expected grants that is expected of people whose like live in fewer than five others.';
