-- object: meta.share_reference
-- grain: one row per rules, register or factor, level and year
-- key: rules, subject, level, year
-- units: rows or persons, share of 0-1
-- source: pipeline.warehouse.marts.drift
-- reads: none
-- caveat: kept from load to load while the rules are the same; rows that changed by more than
--   drifts unasked are those of the load that was let through

CREATE TABLE meta.share_reference (
    rules VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    "level" VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    n BIGINT NOT NULL,
    share DOUBLE NOT NULL,
    PRIMARY KEY (rules, subject, "level", year)
);

COMMENT ON TABLE meta.share_reference IS
'What each load is held against: matched rows of registers and shares of factor levels.';
COMMENT ON COLUMN meta.share_reference.rules IS
'SHA-256 over how it is counted: SQL, benchmark, code lists.';
COMMENT ON COLUMN meta.share_reference.subject IS 'Name of the register or factor.';
COMMENT ON COLUMN meta.share_reference."level" IS
'Level of the factor; of a register (matched).';
COMMENT ON COLUMN meta.share_reference.year IS
'Year of the rows; of a factor the year at risk.';
COMMENT ON COLUMN meta.share_reference.n IS
'Rows about residents; of a factor persons at risk with the level.';
COMMENT ON COLUMN meta.share_reference.share IS
'Share of the register''s rows, or of the persons at risk, 0-1.';
