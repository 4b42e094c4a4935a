-- object: result.data_quality
-- grain: one row per register and check
-- key: run_id, register, check
-- units: rows
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: without sample keys and without names of undeclared files and columns, which are in meta.data_quality of the registers; 1 to 4 rows of a delivery that fail are shown as 4
-- disclosure: public

CREATE TABLE result.data_quality (
    run_id VARCHAR NOT NULL,
    register VARCHAR NOT NULL,
    "check" VARCHAR NOT NULL,
    severity VARCHAR NOT NULL,
    n_rows BIGINT NOT NULL,
    n_failing BIGINT NOT NULL,
    n_quarantined BIGINT NOT NULL,
    status VARCHAR NOT NULL,
    detail VARCHAR,
    sample_keys VARCHAR,
    PRIMARY KEY (run_id, register, "check")
);

COMMENT ON TABLE result.data_quality IS
'What was checked on the way in and in the model, and what was found.';
COMMENT ON COLUMN result.data_quality.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.data_quality.register IS 'Register or stage checked.';
COMMENT ON COLUMN result.data_quality."check" IS 'Name of the check.';
COMMENT ON COLUMN result.data_quality.severity IS
'What a failing row does: stop the run, go to quarantine, or warn.';
COMMENT ON COLUMN result.data_quality.n_rows IS 'Rows looked at.';
COMMENT ON COLUMN result.data_quality.n_failing IS 'Rows, or findings, that failed.';
COMMENT ON COLUMN result.data_quality.n_quarantined IS 'Rows put in quarantine by the check.';
COMMENT ON COLUMN result.data_quality.status IS 'ok, warn or stop.';
COMMENT ON COLUMN result.data_quality.detail IS 'What was found, in words; no person identifiers.';
COMMENT ON COLUMN result.data_quality.sample_keys IS
'At most five failing rows: file:row, or keys where they name no person.';
