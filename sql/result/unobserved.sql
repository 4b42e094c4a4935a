-- object: result.unobserved
-- grain: one row per outcome and municipality, model within
-- key: run_id, outcome, model, municipality_code
-- units: log odds
-- source: pipeline.model.tables.unobserved_frames, through pipeline.disclosure
-- reads: none
-- caveat: says how strong something unseen would have to be, not whether it is there
-- disclosure: counts

CREATE TABLE result.unobserved (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    undone_by DOUBLE,
    health_shift DOUBLE,
    health_shift_typical DOUBLE,
    PRIMARY KEY (run_id, outcome, model, municipality_code)
);

COMMENT ON TABLE result.unobserved IS
'How large a difference between residents that no register sees would undo a municipality''s departure.';
COMMENT ON COLUMN result.unobserved.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.unobserved.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.unobserved.model IS
'pooled: no municipality terms; within: one dummy per municipality; conditions: framework conditions too; no_health: within, without health factors.';
COMMENT ON COLUMN result.unobserved.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN result.unobserved.undone_by IS
'Log odds of unobserved difference between residents that bring the interval of practice_effect to 0; null where it holds 0 already or there is no effect.';
COMMENT ON COLUMN result.unobserved.health_shift IS
'Practice effect of model within less that of model no_health: what the factors of health move.';
COMMENT ON COLUMN result.unobserved.health_shift_typical IS
'Root mean square of health_shift over municipalities.';
