-- object: codes.diagnosis_range
-- grain: one row per range of ICD-10 categories
-- key: icd10_first
-- units: none
-- source: pipeline/codes/diagnosis_range.csv
-- reads: none
-- caveat: a group has several ranges; where they overlap the group of lowest priority wins

CREATE TABLE codes.diagnosis_range (
    diagnosis_group VARCHAR NOT NULL,
    icd10_first VARCHAR NOT NULL,
    icd10_last VARCHAR NOT NULL
);

COMMENT ON TABLE codes.diagnosis_range IS 'Which ICD-10 categories a main diagnosis group holds.';
COMMENT ON COLUMN codes.diagnosis_range.diagnosis_group IS 'Main diagnosis group.';
COMMENT ON COLUMN codes.diagnosis_range.icd10_first IS 'First ICD-10 category, three characters.';
COMMENT ON COLUMN codes.diagnosis_range.icd10_last IS 'Last ICD-10 category, three characters.';
