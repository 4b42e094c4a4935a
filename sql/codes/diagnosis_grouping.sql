-- object: codes.diagnosis_grouping
-- grain: one row per grouping and main diagnosis group
-- key: grouping, diagnosis_group
-- units: none
-- source: pipeline/codes/diagnosis_grouping.csv
-- reads: none
-- caveat: none

CREATE TABLE codes.diagnosis_grouping (
    "grouping" VARCHAR NOT NULL,
    diagnosis_group VARCHAR NOT NULL,
    grouped_as VARCHAR NOT NULL
);

COMMENT ON TABLE codes.diagnosis_grouping IS 'Groupings of main diagnoses that a benchmark may choose.';
COMMENT ON COLUMN codes.diagnosis_grouping."grouping" IS 'Name of the grouping.';
COMMENT ON COLUMN codes.diagnosis_grouping.diagnosis_group IS 'Main diagnosis group of the registers.';
COMMENT ON COLUMN codes.diagnosis_grouping.grouped_as IS 'Group it is counted in.';
