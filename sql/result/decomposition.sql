-- object: result.decomposition
-- grain: one row per outcome, municipality and component
-- key: run_id, outcome, municipality_code, component
-- units: shares 0-1 of person-years at risk, grants
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: averaged over the orders of the three parts; practice is what is left, not proof of practice
-- disclosure: counts

CREATE TABLE result.decomposition (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    component VARCHAR NOT NULL,
    difference_share DOUBLE NOT NULL,
    low DOUBLE,
    high DOUBLE,
    difference_grants DOUBLE NOT NULL,
    PRIMARY KEY (run_id, outcome, municipality_code, component)
);

COMMENT ON TABLE result.decomposition IS
'Each municipality''s difference from the country split three ways: composition, framework conditions, practice.';
COMMENT ON COLUMN result.decomposition.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.decomposition.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.decomposition.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN result.decomposition.component IS
'composition, framework_conditions, practice, or total: their sum.';
COMMENT ON COLUMN result.decomposition.difference_share IS
'Part of the municipality''s observed share less the country''s, 0-1.';
COMMENT ON COLUMN result.decomposition.low IS
'Lower limit of difference_share at the level in result.setting.';
COMMENT ON COLUMN result.decomposition.high IS
'Upper limit of difference_share at the level in result.setting.';
COMMENT ON COLUMN result.decomposition.difference_grants IS
'difference_share times the municipality''s person-years at risk, grants.';
