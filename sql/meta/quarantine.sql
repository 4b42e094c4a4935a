-- object: meta.quarantine
-- grain: one row per row kept out of raw
-- key: register, file, row_number
-- units: none
-- source: pipeline.warehouse.marts.load
-- reads: none
-- caveat: persons and families by pseudonym; original is the rest of the row as delivered

CREATE TABLE meta.quarantine (
    register VARCHAR NOT NULL,
    file VARCHAR NOT NULL,
    row_number BIGINT NOT NULL,
    reason VARCHAR NOT NULL,
    column_name VARCHAR NOT NULL,
    "check" VARCHAR NOT NULL,
    value VARCHAR,
    original VARCHAR NOT NULL
);

COMMENT ON TABLE meta.quarantine IS 'Rows of the extracts that were not loaded, each with its reason.';
COMMENT ON COLUMN meta.quarantine.register IS 'Register the row was delivered for.';
COMMENT ON COLUMN meta.quarantine.file IS 'Name of the file.';
COMMENT ON COLUMN meta.quarantine.row_number IS 'Data row in the file; the first is 1.';
COMMENT ON COLUMN meta.quarantine.reason IS 'What is wrong with the row: column, found, expected.';
COMMENT ON COLUMN meta.quarantine.column_name IS 'Column at fault; the key columns of a duplicate.';
COMMENT ON COLUMN meta.quarantine."check" IS 'Name of the check that failed, as in meta.data_quality.';
COMMENT ON COLUMN meta.quarantine.value IS
'Value that failed, as text; null when missing or repeated. Of persons the form: 9 digit, A letter.';
COMMENT ON COLUMN meta.quarantine.original IS
'Declared values of the row as delivered, as JSON text; pseudonyms where they name persons.';
