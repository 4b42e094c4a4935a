-- object: meta.check_sample
-- grain: one row per check and sample
-- key: "check", sample_number
-- units: none
-- source: pipeline.warehouse.marts.checks
-- reads: none
-- caveat: holds pseudonyms of persons; at most five samples per check

CREATE TABLE meta.check_sample (
    "check" VARCHAR NOT NULL,
    sample_number INTEGER NOT NULL,
    failing_row VARCHAR NOT NULL,
    PRIMARY KEY ("check", sample_number)
);

COMMENT ON TABLE meta.check_sample IS 'Samples of rows that failed a check on core or mart.';
COMMENT ON COLUMN meta.check_sample."check" IS 'Name of the check, as in meta.data_quality.';
COMMENT ON COLUMN meta.check_sample.sample_number IS 'Number of the sample, from 1.';
COMMENT ON COLUMN meta.check_sample.failing_row IS 'The failing row as JSON text.';
