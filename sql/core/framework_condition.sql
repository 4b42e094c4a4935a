-- object: core.framework_condition
-- grain: one row per municipality, year and condition with a value
-- key: municipality_code, year, condition
-- units: shares 0-1; persons per km2
-- source: Kommunernes rammevilkår
-- reads: raw.rammevilkaar
-- caveat: empty when the register was not delivered; shares are of the commuting area

CREATE TABLE core.framework_condition AS
WITH condition_value AS (
    SELECT
        rammevilkaar.KOM AS municipality_code,
        rammevilkaar.AAR AS year,
        'area_unemployment_share' AS condition,
        rammevilkaar.LEDIG_PCT / 100 AS value
    FROM raw.rammevilkaar
    UNION ALL
    SELECT
        rammevilkaar.KOM AS municipality_code,
        rammevilkaar.AAR AS year,
        'area_industry_share' AS condition,
        rammevilkaar.INDUSTRI_PCT / 100 AS value
    FROM raw.rammevilkaar
    UNION ALL
    SELECT
        rammevilkaar.KOM AS municipality_code,
        rammevilkaar.AAR AS year,
        'area_higher_education_share' AS condition,
        rammevilkaar.VIDUDD_PCT / 100 AS value
    FROM raw.rammevilkaar
    UNION ALL
    SELECT
        rammevilkaar.KOM AS municipality_code,
        rammevilkaar.AAR AS year,
        'population_density' AS condition,
        rammevilkaar.BEFTAET AS value
    FROM raw.rammevilkaar
)

SELECT
    condition_value.municipality_code,
    condition_value.year,
    condition_value.condition,
    condition_value.value
FROM condition_value
WHERE condition_value.value IS NOT NULL;

COMMENT ON TABLE core.framework_condition IS 'Framework conditions of the municipalities by year.';
COMMENT ON COLUMN core.framework_condition.municipality_code IS 'Municipality.';
COMMENT ON COLUMN core.framework_condition.year IS 'Year the value is of.';
COMMENT ON COLUMN core.framework_condition.condition IS 'Condition; see codes.framework_condition.';
COMMENT ON COLUMN core.framework_condition.value IS 'Value, in the unit of codes.framework_condition.';
