-- object: codes.main_level
-- grain: one row per dimension of few levels and level of the factor it is made of
-- key: dimension, level
-- units: none
-- source: pipeline/codes/main_level.csv
-- reads: none
-- caveat: none

CREATE TABLE codes.main_level (
    dimension VARCHAR NOT NULL,
    factor VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    main_level VARCHAR NOT NULL,
    description_da VARCHAR NOT NULL,
    description_en VARCHAR NOT NULL
);

COMMENT ON TABLE codes.main_level IS
'Dimensions of few levels: which levels of a factor, or which diagnosis groups, are put together.';
COMMENT ON COLUMN codes.main_level.dimension IS
'Dimension of few levels; result.practice_profile has it.';
COMMENT ON COLUMN codes.main_level.factor IS
'Model factor it is made of, or diagnosis_group.';
COMMENT ON COLUMN codes.main_level.level IS 'Level of the factor, or diagnosis group.';
COMMENT ON COLUMN codes.main_level.main_level IS 'Level of the dimension that it is part of.';
COMMENT ON COLUMN codes.main_level.description_da IS 'Description of the main level in Danish.';
COMMENT ON COLUMN codes.main_level.description_en IS 'Description of the main level in English.';
