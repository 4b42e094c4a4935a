-- object: result.displacement_summary
-- grain: one row per pair of outcomes and model
-- key: run_id, outcome, model, other_outcome
-- units: correlations -1 to 1, municipalities
-- source: pipeline.model.followups.displacement, through pipeline.disclosure
-- reads: none
-- caveat: the correlation is of true effects, chance taken out; missing where municipalities do not differ in one of the two
-- disclosure: counts

CREATE TABLE result.displacement_summary (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    other_outcome VARCHAR NOT NULL,
    correlation DOUBLE,
    correlation_low DOUBLE,
    correlation_high DOUBLE,
    p_value DOUBLE,
    error_correlation DOUBLE NOT NULL,
    n_low_high BIGINT NOT NULL,
    n_high_low BIGINT NOT NULL,
    PRIMARY KEY (run_id, outcome, model, other_outcome)
);

COMMENT ON TABLE result.displacement_summary IS
'Whether municipalities that grant little of one outcome grant much of another.';
COMMENT ON COLUMN result.displacement_summary.run_id IS
'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.displacement_summary.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.displacement_summary.model IS
'pooled: no municipality terms; within: one dummy per municipality; conditions: framework conditions too; no_health: within, without health factors.';
COMMENT ON COLUMN result.displacement_summary.other_outcome IS
'The outcome that is held against it.';
COMMENT ON COLUMN result.displacement_summary.correlation IS
'Correlation between municipalities'' true effects on the two outcomes, -1 to 1.';
COMMENT ON COLUMN result.displacement_summary.correlation_low IS
'Lower limit of correlation at the level in result.setting (profile likelihood).';
COMMENT ON COLUMN result.displacement_summary.correlation_high IS
'Upper limit of correlation at the level in result.setting (profile likelihood).';
COMMENT ON COLUMN result.displacement_summary.p_value IS
'Likelihood ratio test that the two outcomes do not go together.';
COMMENT ON COLUMN result.displacement_summary.error_correlation IS
'How the errors of the two estimates go together, on average over municipalities: who gets one benefit does not get the other.';
COMMENT ON COLUMN result.displacement_summary.n_low_high IS
'Municipalities whose p_low_high is at least 0.9.';
COMMENT ON COLUMN result.displacement_summary.n_high_low IS
'Municipalities whose p_high_low is at least 0.9.';
