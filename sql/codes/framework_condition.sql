-- object: codes.framework_condition
-- grain: one row per framework condition
-- key: condition
-- units: as in the column unit
-- source: pipeline/codes/framework_condition.csv
-- reads: none
-- caveat: none

CREATE TABLE codes.framework_condition (
    condition VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    description VARCHAR NOT NULL,
    label_da VARCHAR NOT NULL,
    label_en VARCHAR NOT NULL,
    transform VARCHAR NOT NULL
);

COMMENT ON TABLE codes.framework_condition IS 'Framework conditions a municipality works under.';
COMMENT ON COLUMN codes.framework_condition.condition IS 'Condition; a value of mart.framework_condition.';
COMMENT ON COLUMN codes.framework_condition.unit IS 'Unit of the value: share (0-1) or persons per km2.';
COMMENT ON COLUMN codes.framework_condition.description IS 'What is measured, and of which area.';
COMMENT ON COLUMN codes.framework_condition.label_da IS 'Short label in Danish.';
COMMENT ON COLUMN codes.framework_condition.label_en IS 'Short label in English.';
COMMENT ON COLUMN codes.framework_condition.transform IS 'Scale on which the model uses the value: none or log.';
