-- object: result.sensitivity_summary
-- grain: one row per outcome and municipality
-- key: run_id, outcome, municipality_code
-- units: ranks, shares 0-1 of specifications
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: the range over specifications is beside the rank sets, not instead of them
-- disclosure: counts

CREATE TABLE result.sensitivity_summary (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    n_specifications BIGINT NOT NULL,
    rank_lowest BIGINT NOT NULL,
    rank_highest BIGINT NOT NULL,
    share_lowest_quintile DOUBLE NOT NULL,
    share_highest_quintile DOUBLE NOT NULL,
    PRIMARY KEY (run_id, outcome, municipality_code)
);

COMMENT ON TABLE result.sensitivity_summary IS
'How far a municipality''s place moves over the specifications of the sensitivity grid.';
COMMENT ON COLUMN result.sensitivity_summary.run_id IS
'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.sensitivity_summary.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.sensitivity_summary.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN result.sensitivity_summary.n_specifications IS
'Specifications with a rank that may be shown for the municipality.';
COMMENT ON COLUMN result.sensitivity_summary.rank_lowest IS
'Its lowest rank over the specifications.';
COMMENT ON COLUMN result.sensitivity_summary.rank_highest IS
'Its highest rank over the specifications.';
COMMENT ON COLUMN result.sensitivity_summary.share_lowest_quintile IS
'Share of specifications with it in the fifth that grants fewest, 0-1.';
COMMENT ON COLUMN result.sensitivity_summary.share_highest_quintile IS
'Share of specifications with it in the fifth that grants most, 0-1.';
