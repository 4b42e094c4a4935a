-- object: result.coefficient
-- grain: one row per outcome, model, term and level
-- key: run_id, outcome, model, term, level
-- units: log odds
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: reference levels are listed with estimate 0 and no standard error
-- disclosure: counts

CREATE TABLE result.coefficient (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    term VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    estimate DOUBLE NOT NULL,
    se DOUBLE,
    n_events BIGINT,
    PRIMARY KEY (run_id, outcome, model, term, level)
);

COMMENT ON TABLE result.coefficient IS 'Coefficients of the first stage.';
COMMENT ON COLUMN result.coefficient.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.coefficient.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.coefficient.model IS
'pooled: no municipality terms; within: one dummy per municipality; conditions: framework conditions too; no_health: within, without health factors.';
COMMENT ON COLUMN result.coefficient.term IS 'Factor, or intercept.';
COMMENT ON COLUMN result.coefficient.level IS 'Level of the factor.';
COMMENT ON COLUMN result.coefficient.estimate IS 'Log odds against the reference level.';
COMMENT ON COLUMN result.coefficient.se IS 'Standard error; null for a reference level.';
COMMENT ON COLUMN result.coefficient.n_events IS 'Grants at the level; null where too few to show.';
