-- object: result.case_processing
-- grain: one row per outcome and municipality
-- key: run_id, outcome, municipality_code
-- units: days, decisions, shares 0-1
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: decisions made in the window; cases still waiting are not in the register
-- disclosure: counts

CREATE TABLE result.case_processing (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    n_decisions BIGINT,
    median_days DOUBLE,
    median_low DOUBLE,
    median_high DOUBLE,
    n_grants BIGINT,
    n_refusals BIGINT,
    grants_per_refusal DOUBLE,
    grants_per_refusal_low DOUBLE,
    grants_per_refusal_high DOUBLE,
    mental_share DOUBLE,
    mental_share_low DOUBLE,
    mental_share_high DOUBLE,
    is_suppressed BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, outcome, municipality_code)
);

COMMENT ON TABLE result.case_processing IS
'Case processing of the municipality that decided: days, refusals, mental main diagnoses.';
COMMENT ON COLUMN result.case_processing.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.case_processing.outcome IS 'FP disability pension or FJ flexjob.';
COMMENT ON COLUMN result.case_processing.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN result.case_processing.n_decisions IS
'Decisions in the window; null when withheld.';
COMMENT ON COLUMN result.case_processing.median_days IS
'Median days from application to decision; null when withheld.';
COMMENT ON COLUMN result.case_processing.median_low IS
'Lower limit of median_days, from order statistics.';
COMMENT ON COLUMN result.case_processing.median_high IS
'Upper limit of median_days, from order statistics.';
COMMENT ON COLUMN result.case_processing.n_grants IS 'Decisions that granted; null when withheld.';
COMMENT ON COLUMN result.case_processing.n_refusals IS
'Decisions that refused; null when withheld.';
COMMENT ON COLUMN result.case_processing.grants_per_refusal IS
'n_grants over n_refusals; null without refusals or when withheld.';
COMMENT ON COLUMN result.case_processing.grants_per_refusal_low IS
'Lower limit of grants_per_refusal, exact.';
COMMENT ON COLUMN result.case_processing.grants_per_refusal_high IS
'Upper limit of grants_per_refusal, exact; null when unbounded.';
COMMENT ON COLUMN result.case_processing.mental_share IS
'Share of grants with a mental main diagnosis, 0-1; null when withheld.';
COMMENT ON COLUMN result.case_processing.mental_share_low IS 'Lower Wilson limit of mental_share.';
COMMENT ON COLUMN result.case_processing.mental_share_high IS 'Upper Wilson limit of mental_share.';
COMMENT ON COLUMN result.case_processing.is_suppressed IS
'Whether disclosure control withholds the row''s figures.';
