-- object: mart.factor_level
-- grain: one row per factor of the benchmark and level
-- key: factor, level
-- units: none
-- source: the benchmark's declaration
-- reads: none
-- caveat: bands are cut where the benchmark says

CREATE TABLE mart.factor_level AS
WITH declared AS (
    SELECT unnest(getvariable('factor_levels')) AS entry
)

SELECT
    declared.entry['factor'] AS factor,
    declared.entry['level'] AS level,
    declared.entry['position'] AS "position",
    declared.entry['is_reference'] AS is_reference,
    declared.entry['description_da'] AS description_da,
    declared.entry['description_en'] AS description_en
FROM declared
ORDER BY factor, "position";

COMMENT ON TABLE mart.factor_level IS 'Levels of the factors, as the benchmark cuts them.';
COMMENT ON COLUMN mart.factor_level.factor IS 'Model factor; a column of mart.model_cell.';
COMMENT ON COLUMN mart.factor_level.level IS 'Level of the factor.';
COMMENT ON COLUMN mart.factor_level."position" IS 'Order of the level within the factor, from 1.';
COMMENT ON COLUMN mart.factor_level.is_reference IS 'True for the reference level.';
COMMENT ON COLUMN mart.factor_level.description_da IS 'Description in Danish.';
COMMENT ON COLUMN mart.factor_level.description_en IS 'Description in English.';
