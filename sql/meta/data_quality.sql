-- object: meta.data_quality
-- grain: one row per register or table and check
-- key: register, "check"
-- units: rows
-- source: pipeline.warehouse.marts.load, pipeline.warehouse.marts.checks
-- reads: none
-- caveat: published: detail never holds a person identifier

CREATE TABLE meta.data_quality (
    register VARCHAR NOT NULL,
    "check" VARCHAR NOT NULL,
    severity VARCHAR NOT NULL CHECK (severity IN ('stop', 'quarantine', 'warn')),
    n_rows BIGINT NOT NULL,
    n_failing BIGINT NOT NULL,
    n_quarantined BIGINT NOT NULL,
    status VARCHAR NOT NULL CHECK (status IN ('ok', 'warn', 'stop')),
    detail VARCHAR,
    sample_keys VARCHAR,
    PRIMARY KEY (register, "check")
);

COMMENT ON TABLE meta.data_quality IS 'What was checked on the way in, and what was found.';
COMMENT ON COLUMN meta.data_quality.register IS 'Register or table checked.';
COMMENT ON COLUMN meta.data_quality."check" IS 'Name of the check.';
COMMENT ON COLUMN meta.data_quality.severity IS
'What a failing row does: stop the load, go to quarantine, or warn.';
COMMENT ON COLUMN meta.data_quality.n_rows IS 'Rows looked at.';
COMMENT ON COLUMN meta.data_quality.n_failing IS 'Rows that failed.';
COMMENT ON COLUMN meta.data_quality.n_quarantined IS 'Rows put in quarantine by the check.';
COMMENT ON COLUMN meta.data_quality.status IS 'ok, warn or stop.';
COMMENT ON COLUMN meta.data_quality.detail IS 'What was found, in words.';
COMMENT ON COLUMN meta.data_quality.sample_keys IS
'At most five failing rows: file:row, or keys where they name no person; the rest in meta.';
