-- object: codes.diagnosis_subgroup
-- grain: one row per part of a main diagnosis group
-- key: diagnosis_subgroup
-- units: none
-- source: pipeline/codes/diagnosis_subgroup.csv
-- reads: none
-- caveat: every group has one part without a range, the rest of it; which diagnoses are contested
--   is a reading of AKF 2009, "Veje til førtidspension" and STAR 2022, not a fact of the registers

CREATE TABLE codes.diagnosis_subgroup (
    diagnosis_subgroup VARCHAR NOT NULL,
    diagnosis_group VARCHAR NOT NULL,
    icd10_first VARCHAR,
    icd10_last VARCHAR,
    kind VARCHAR NOT NULL,
    description_da VARCHAR NOT NULL,
    description_en VARCHAR NOT NULL
);

COMMENT ON TABLE codes.diagnosis_subgroup IS
'Diagnoses inside the main groups, contested and diffuse ones among them, and the rest of each.';
COMMENT ON COLUMN codes.diagnosis_subgroup.diagnosis_subgroup IS 'Part of a main diagnosis group.';
COMMENT ON COLUMN codes.diagnosis_subgroup.diagnosis_group IS
'Main diagnosis group that it is part of.';
COMMENT ON COLUMN codes.diagnosis_subgroup.icd10_first IS
'First ICD-10 category, three characters; null for the rest of the group.';
COMMENT ON COLUMN codes.diagnosis_subgroup.icd10_last IS
'Last ICD-10 category, three characters; null for the rest of the group.';
COMMENT ON COLUMN codes.diagnosis_subgroup.kind IS
'contested (read differently from office to office), else mental or somatic.';
COMMENT ON COLUMN codes.diagnosis_subgroup.description_da IS 'Description in Danish.';
COMMENT ON COLUMN codes.diagnosis_subgroup.description_en IS 'Description in English.';
