-- object: result.second_stage
-- grain: one row per outcome, method and term
-- key: run_id, outcome, method, term
-- units: log odds per standard deviation of the condition
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: few municipalities carry few conditions; associations, not causes
-- disclosure: counts

CREATE TABLE result.second_stage (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    method VARCHAR NOT NULL,
    term VARCHAR NOT NULL,
    estimate DOUBLE NOT NULL,
    se DOUBLE,
    low DOUBLE,
    high DOUBLE,
    PRIMARY KEY (run_id, outcome, method, term)
);

COMMENT ON TABLE result.second_stage IS
'Regression of municipal practice effects on framework conditions, by estimator of the variance left.';
COMMENT ON COLUMN result.second_stage.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.second_stage.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.second_stage.method IS
'Estimator of tau2: REML (used by model conditions), DL DerSimonian-Laird, PM Paule-Mandel.';
COMMENT ON COLUMN result.second_stage.term IS
'constant, a framework condition, or tau2 for the variance left between municipalities.';
COMMENT ON COLUMN result.second_stage.estimate IS
'Log odds per standard deviation; for tau2 squared log odds.';
COMMENT ON COLUMN result.second_stage.se IS 'Knapp-Hartung standard error; null for tau2.';
COMMENT ON COLUMN result.second_stage.low IS
'Lower limit: Knapp-Hartung; for tau2 the restricted likelihood''s.';
COMMENT ON COLUMN result.second_stage.high IS
'Upper limit: Knapp-Hartung; for tau2 the restricted likelihood''s.';
