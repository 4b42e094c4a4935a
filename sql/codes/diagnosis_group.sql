-- object: codes.diagnosis_group
-- grain: one row per range of ICD-10 categories
-- key: icd10_first
-- units: none
-- source: pipeline/codes/diagnosis_group.csv
-- reads: none
-- caveat: where ranges overlap the lowest priority wins

CREATE TABLE codes.diagnosis_group (
    diagnosis_group VARCHAR NOT NULL,
    icd10_first VARCHAR NOT NULL,
    icd10_last VARCHAR NOT NULL,
    priority INTEGER NOT NULL,
    description_da VARCHAR NOT NULL,
    description_en VARCHAR NOT NULL
);

COMMENT ON TABLE codes.diagnosis_group IS 'Main diagnosis groups.';
COMMENT ON COLUMN codes.diagnosis_group.diagnosis_group IS 'Main diagnosis group.';
COMMENT ON COLUMN codes.diagnosis_group.icd10_first IS 'First ICD-10 category, three characters.';
COMMENT ON COLUMN codes.diagnosis_group.icd10_last IS 'Last ICD-10 category, three characters.';
COMMENT ON COLUMN codes.diagnosis_group.priority IS 'Lower wins where ranges overlap.';
COMMENT ON COLUMN codes.diagnosis_group.description_da IS 'Description in Danish.';
COMMENT ON COLUMN codes.diagnosis_group.description_en IS 'Description in English.';
