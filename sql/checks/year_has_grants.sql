-- object: checks.year_has_grants
-- grain: one row per year of the window and case type without a single grant
-- key: year, case_type
-- units: none
-- source: settings window
-- reads: core.decision
-- caveat: none
-- severity: warn

WITH expected AS (
    SELECT
        year_at_risk.year,
        case_type.case_type
    FROM (SELECT unnest(getvariable('years_at_risk')) AS year) AS year_at_risk
    CROSS JOIN (VALUES ('FP'), ('FJ')) AS case_type (case_type)
)

SELECT
    expected.year,
    expected.case_type
FROM expected
WHERE
    NOT EXISTS (
        SELECT 1 FROM core.decision
        WHERE
            decision.decision = 'grant'
            AND decision.case_type = expected.case_type
            AND year(decision.decision_date) = expected.year
    )
ORDER BY expected.year, expected.case_type
