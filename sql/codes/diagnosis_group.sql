-- object: codes.diagnosis_group
-- grain: one row per main diagnosis group
-- key: diagnosis_group
-- units: none
-- source: pipeline/codes/diagnosis_group.csv
-- reads: none
-- caveat: none

CREATE TABLE codes.diagnosis_group (
    diagnosis_group VARCHAR NOT NULL,
    priority INTEGER NOT NULL,
    description_da VARCHAR NOT NULL,
    description_en VARCHAR NOT NULL
);

COMMENT ON TABLE codes.diagnosis_group IS 'Main diagnosis groups.';
COMMENT ON COLUMN codes.diagnosis_group.diagnosis_group IS 'Main diagnosis group.';
COMMENT ON COLUMN codes.diagnosis_group.priority IS
'Lower wins where ranges of codes.diagnosis_range overlap.';
COMMENT ON COLUMN codes.diagnosis_group.description_da IS 'Description in Danish.';
COMMENT ON COLUMN codes.diagnosis_group.description_en IS 'Description in English.';
