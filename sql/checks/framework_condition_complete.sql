-- object: checks.framework_condition_complete
-- grain: one row per municipality and condition without a value, when the register was delivered
-- key: municipality_code, condition
-- units: none
-- source: pipeline/codes/framework_condition.csv
-- reads: mart.framework_condition, raw.rammevilkaar, codes.municipality, codes.framework_condition
-- caveat: none
-- severity: warn

SELECT
    municipality.municipality_code,
    framework_condition.condition
FROM codes.municipality
CROSS JOIN codes.framework_condition
WHERE
    EXISTS (SELECT 1 FROM raw.rammevilkaar)
    AND NOT EXISTS (
        SELECT 1 FROM mart.framework_condition AS delivered
        WHERE
            delivered.municipality_code = municipality.municipality_code
            AND delivered.condition = framework_condition.condition
    )
ORDER BY municipality.municipality_code, framework_condition.condition
