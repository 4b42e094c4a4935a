-- object: meta.built
-- grain: one row per table, view and check that a load makes
-- key: object
-- units: none
-- source: pipeline.warehouse.marts.fingerprints
-- reads: none
-- caveat: fingerprints of equal content are equal; a changed one may still hold the same rows

CREATE TABLE meta.built (
    object VARCHAR NOT NULL PRIMARY KEY,
    rules VARCHAR NOT NULL,
    content VARCHAR NOT NULL
);

COMMENT ON TABLE meta.built IS 'What each object was made from, so that the next load can keep it.';
COMMENT ON COLUMN meta.built.object IS 'Schema and name; raw.<register>, or checks.<check>.';
COMMENT ON COLUMN meta.built.rules IS
'SHA-256 over how it is made: declaration or SQL text, settings, code, versions; of pseudonyms the
fingerprint of the key.';
COMMENT ON COLUMN meta.built.content IS
'SHA-256 over the rules and the content of all it is made from, down to the files.';
