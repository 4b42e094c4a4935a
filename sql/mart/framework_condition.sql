-- object: mart.framework_condition
-- grain: one row per municipality and condition with a value
-- key: municipality_code, condition
-- units: shares 0-1; persons per km2
-- source: core.framework_condition
-- reads: core.framework_condition
-- caveat: the mean over the years before the years at risk that have a value; empty when the
--   register was not delivered

CREATE TABLE mart.framework_condition AS
WITH year_at_risk AS (
    SELECT unnest(getvariable('years_at_risk')) AS year
)

SELECT
    framework_condition.municipality_code,
    framework_condition.condition,
    -- One order of summation, so that the last digits do not depend on threads.
    list_avg(list(framework_condition.value ORDER BY framework_condition.year)) AS value
FROM core.framework_condition
INNER JOIN year_at_risk ON framework_condition.year = year_at_risk.year - 1
GROUP BY framework_condition.municipality_code, framework_condition.condition
ORDER BY framework_condition.municipality_code, framework_condition.condition;

COMMENT ON TABLE mart.framework_condition IS 'Framework conditions before the years at risk.';
COMMENT ON COLUMN mart.framework_condition.municipality_code IS 'Municipality.';
COMMENT ON COLUMN mart.framework_condition.condition IS 'Condition; see codes.framework_condition.';
COMMENT ON COLUMN mart.framework_condition.value IS 'Mean over the years before the years at risk.';
