-- object: meta.load_note
-- grain: one row per file, kind of note and column
-- key: register, file, "check", column_name
-- units: values
-- source: pipeline.warehouse.raw.loadnotes
-- reads: none
-- caveat: only what occurs has a row

CREATE TABLE meta.load_note (
    register VARCHAR NOT NULL,
    file VARCHAR NOT NULL,
    "check" VARCHAR NOT NULL,
    column_name VARCHAR NOT NULL,
    n_values BIGINT NOT NULL,
    PRIMARY KEY (register, file, "check", column_name)
);

COMMENT ON TABLE meta.load_note IS 'What was read otherwise than it stood in a file; the rows loaded.';
COMMENT ON COLUMN meta.load_note.register IS 'Register the file belongs to.';
COMMENT ON COLUMN meta.load_note.file IS 'Name of the file.';
COMMENT ON COLUMN meta.load_note."check" IS
'leading_zeros given back, time_of_day cut, dates_without_format taken for days since 1960, or
deleted_rows of SAS left out.';
COMMENT ON COLUMN meta.load_note.column_name IS 'Column; empty where whole rows are meant.';
COMMENT ON COLUMN meta.load_note.n_values IS 'Values it happened to, or rows.';
