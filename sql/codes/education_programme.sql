-- object: codes.education_programme
-- grain: one row per range of education codes
-- key: hffsp_first
-- units: none
-- source: pipeline/codes/education_programme.csv
-- reads: none
-- caveat: main groups from memory, to be checked

CREATE TABLE codes.education_programme (
    hffsp_first VARCHAR NOT NULL,
    hffsp_last VARCHAR NOT NULL,
    education VARCHAR NOT NULL,
    description_da VARCHAR NOT NULL,
    description_en VARCHAR NOT NULL,
    source VARCHAR NOT NULL
);

COMMENT ON TABLE codes.education_programme IS 'Systematic education codes and their level.';
COMMENT ON COLUMN codes.education_programme.hffsp_first IS
'First code of the range, eight digits.';
COMMENT ON COLUMN codes.education_programme.hffsp_last IS 'Last code of the range, eight digits.';
COMMENT ON COLUMN codes.education_programme.education IS 'Level of education.';
COMMENT ON COLUMN codes.education_programme.description_da IS 'Description in Danish.';
COMMENT ON COLUMN codes.education_programme.description_en IS 'Description in English.';
COMMENT ON COLUMN codes.education_programme.source IS 'Where the range comes from.';
