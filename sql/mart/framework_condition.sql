-- object: mart.framework_condition
-- grain: one row per municipality, year at risk and condition with a value
-- key: municipality_code, year, condition
-- units: shares 0-1; persons per km2
-- source: core.framework_condition
-- reads: core.framework_condition
-- caveat: of the year before; a run takes the mean over its years that have a value; empty when
--   the register was not delivered

CREATE TABLE mart.framework_condition AS
WITH year_at_risk AS (
    SELECT unnest(getvariable('years_at_risk')) AS year
)

SELECT
    framework_condition.municipality_code,
    year_at_risk.year,
    framework_condition.condition,
    framework_condition.value
FROM core.framework_condition
INNER JOIN year_at_risk ON framework_condition.year = year_at_risk.year - 1
ORDER BY
    framework_condition.municipality_code, framework_condition.condition, year_at_risk.year;

COMMENT ON TABLE mart.framework_condition IS 'Framework conditions before each year at risk.';
COMMENT ON COLUMN mart.framework_condition.municipality_code IS 'Municipality.';
COMMENT ON COLUMN mart.framework_condition.year IS 'Year at risk.';
COMMENT ON COLUMN mart.framework_condition.condition IS 'Condition; see codes.framework_condition.';
COMMENT ON COLUMN mart.framework_condition.value IS 'Value of the year before.';
