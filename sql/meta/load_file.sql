-- object: meta.load_file
-- grain: one row per file
-- key: register, file
-- units: rows
-- source: pipeline.warehouse.marts.load
-- reads: none
-- caveat: n_read = n_loaded + n_quarantined in every row

CREATE TABLE meta.load_file (
    register VARCHAR NOT NULL,
    file VARCHAR NOT NULL,
    form VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    n_read BIGINT NOT NULL,
    n_loaded BIGINT NOT NULL,
    n_quarantined BIGINT NOT NULL,
    PRIMARY KEY (register, file),
    CHECK (n_read = n_loaded + n_quarantined)
);

COMMENT ON TABLE meta.load_file IS 'Files that were read, and what became of their rows.';
COMMENT ON COLUMN meta.load_file.register IS 'Register the file belongs to.';
COMMENT ON COLUMN meta.load_file.file IS 'Name of the file.';
COMMENT ON COLUMN meta.load_file.form IS
'What the file is written in: format, and of text its delimiter and encoding.';
COMMENT ON COLUMN meta.load_file.sha256 IS 'SHA-256 of the file, hexadecimal.';
COMMENT ON COLUMN meta.load_file.n_read IS 'Data rows in the file.';
COMMENT ON COLUMN meta.load_file.n_loaded IS 'Rows in the raw table.';
COMMENT ON COLUMN meta.load_file.n_quarantined IS 'Rows in meta.quarantine.';
