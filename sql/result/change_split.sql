-- object: result.change_split
-- grain: one row per outcome, municipality with persons at risk in both windows, and component
-- key: run_id, outcome, municipality_code, component
-- units: shares 0-1 of person-years at risk
-- source: pipeline.model.followups.change_split, through pipeline.disclosure
-- reads: none
-- caveat: averaged over the orders of the three parts; practice is what is left, not proof of practice
-- disclosure: counts

CREATE TABLE result.change_split (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    component VARCHAR NOT NULL,
    change_share DOUBLE NOT NULL,
    low DOUBLE,
    high DOUBLE,
    PRIMARY KEY (run_id, outcome, municipality_code, component)
);

COMMENT ON TABLE result.change_split IS
'The change in the share granted between baseline and window, split into composition, national practice and own practice, which add up to total exactly.';
COMMENT ON COLUMN result.change_split.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.change_split.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.change_split.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN result.change_split.component IS
'composition, national_practice, own_practice, or total: their sum.';
COMMENT ON COLUMN result.change_split.change_share IS
'Part of the change in the share granted of person-years at risk, 0-1.';
COMMENT ON COLUMN result.change_split.low IS
'Lower limit of change_share at the level in result.setting.';
COMMENT ON COLUMN result.change_split.high IS
'Upper limit of change_share at the level in result.setting.';
