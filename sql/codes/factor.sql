-- object: codes.factor
-- grain: one row per factor and level
-- key: factor, level
-- units: none
-- source: the headers of sql/factor
-- reads: none
-- caveat: none

CREATE TABLE codes.factor (
    factor VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    "position" INTEGER NOT NULL,
    is_reference BOOLEAN NOT NULL,
    description_da VARCHAR NOT NULL,
    description_en VARCHAR NOT NULL
);

COMMENT ON TABLE codes.factor IS 'Model factors and their levels.';
COMMENT ON COLUMN codes.factor.factor IS 'Model factor; a column of mart.model_cell.';
COMMENT ON COLUMN codes.factor.level IS 'Level of the factor.';
COMMENT ON COLUMN codes.factor."position" IS 'Order of the level within the factor, from 1.';
COMMENT ON COLUMN codes.factor.is_reference IS 'True for the reference level.';
COMMENT ON COLUMN codes.factor.description_da IS 'Description in Danish.';
COMMENT ON COLUMN codes.factor.description_en IS 'Description in English.';
