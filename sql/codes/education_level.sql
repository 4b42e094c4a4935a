-- object: codes.education_level
-- grain: one row per range of education codes
-- key: hfaudd_first
-- units: none
-- source: pipeline/codes/education_level.csv
-- reads: none
-- caveat: main groups from memory, to be checked

CREATE TABLE codes.education_level (
    hfaudd_first VARCHAR NOT NULL,
    hfaudd_last VARCHAR NOT NULL,
    education VARCHAR NOT NULL,
    description_da VARCHAR NOT NULL,
    description_en VARCHAR NOT NULL,
    source VARCHAR NOT NULL
);

COMMENT ON TABLE codes.education_level IS 'Education codes and their level.';
COMMENT ON COLUMN codes.education_level.hfaudd_first IS 'First code of the range, four digits.';
COMMENT ON COLUMN codes.education_level.hfaudd_last IS 'Last code of the range, four digits.';
COMMENT ON COLUMN codes.education_level.education IS 'Level of education.';
COMMENT ON COLUMN codes.education_level.description_da IS 'Description in Danish.';
COMMENT ON COLUMN codes.education_level.description_en IS 'Description in English.';
COMMENT ON COLUMN codes.education_level.source IS 'Where the range comes from.';
