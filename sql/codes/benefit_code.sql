-- object: codes.benefit_code
-- grain: one row per range of benefit codes
-- key: code_first
-- units: none
-- source: pipeline/codes/benefit_code.csv
-- reads: none
-- caveat: ranges do not overlap; those from memory are to be checked

CREATE TABLE codes.benefit_code (
    code_first VARCHAR NOT NULL,
    code_last VARCHAR NOT NULL,
    benefit_state VARCHAR NOT NULL,
    description_da VARCHAR NOT NULL,
    description_en VARCHAR NOT NULL,
    first_year INTEGER,
    last_year INTEGER,
    source VARCHAR NOT NULL
);

COMMENT ON TABLE codes.benefit_code IS 'DREAM benefit codes and the state each stands for.';
COMMENT ON COLUMN codes.benefit_code.code_first IS 'First code of the range, three digits.';
COMMENT ON COLUMN codes.benefit_code.code_last IS 'Last code of the range, three digits.';
COMMENT ON COLUMN codes.benefit_code.benefit_state IS 'State the codes stand for.';
COMMENT ON COLUMN codes.benefit_code.description_da IS 'Description in Danish.';
COMMENT ON COLUMN codes.benefit_code.description_en IS 'Description in English.';
COMMENT ON COLUMN codes.benefit_code.first_year IS
'First year in which the codes may occur; null when from the beginning.';
COMMENT ON COLUMN codes.benefit_code.last_year IS
'Last year in which the codes may occur; null when still.';
COMMENT ON COLUMN codes.benefit_code.source IS 'Where the range comes from.';
