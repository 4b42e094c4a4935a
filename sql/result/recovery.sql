-- object: result.recovery
-- grain: one row per outcome, model and measure
-- key: run_id, outcome, model, measure
-- units: as the measure
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: synthetic runs only
-- disclosure: public

CREATE TABLE result.recovery (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    measure VARCHAR NOT NULL,
    value DOUBLE,
    truth DOUBLE,
    PRIMARY KEY (run_id, outcome, model, measure)
);

COMMENT ON TABLE result.recovery IS
'How well the run recovers the practice planted in synthetic data.';
COMMENT ON COLUMN result.recovery.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.recovery.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.recovery.model IS
'pooled: no municipality terms; within: one dummy per municipality; conditions: framework conditions too; no_health: within, without health factors.';
COMMENT ON COLUMN result.recovery.measure IS
'rank_correlation, coverage_95, rank_set_coverage, effect_rmse, counterfactual_error_<method>, tilt_correlation_<level>, step_found, step_false, step_year_held, decision_maker_spread.';
COMMENT ON COLUMN result.recovery.value IS 'Value measured in this run.';
COMMENT ON COLUMN result.recovery.truth IS
'Value aimed at: 1 for a correlation, 0.95 for a coverage, the planted value for a counterfactual.';
