-- object: codes.measure_code
-- grain: one row per range of benefit codes
-- key: code_first
-- units: none
-- source: pipeline/codes/measure_code.csv
-- reads: none
-- caveat: only codes whose last digit tells what goes on beside the benefit; from memory, to be checked

CREATE TABLE codes.measure_code (
    code_first VARCHAR NOT NULL,
    code_last VARCHAR NOT NULL,
    measure VARCHAR NOT NULL,
    source VARCHAR NOT NULL
);

COMMENT ON TABLE codes.measure_code IS 'DREAM benefit codes and the measure that goes on beside the benefit.';
COMMENT ON COLUMN codes.measure_code.code_first IS 'First code of the range, three digits.';
COMMENT ON COLUMN codes.measure_code.code_last IS 'Last code of the range, three digits.';
COMMENT ON COLUMN codes.measure_code.measure IS
'What the codes say beside the benefit: none, guidance, work_placement or wage_subsidy.';
COMMENT ON COLUMN codes.measure_code.source IS 'Where the range comes from.';
