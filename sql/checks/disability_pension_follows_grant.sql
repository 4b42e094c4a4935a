-- object: checks.disability_pension_follows_grant
-- grain: one row per person whose first week on disability pension has no grant before it
-- key: person_id
-- units: none
-- source: STAR, Ankestyrelsen
-- reads: core.benefit_spell, core.decision
-- caveat: pensions that began before the first year with decisions are passed over
-- severity: warn

WITH first_pension AS (
    SELECT
        benefit_spell.person_id,
        min(benefit_spell.first_week_date) AS first_week_date
    FROM core.benefit_spell
    WHERE benefit_spell.benefit_state = 'disability_pension'
    GROUP BY benefit_spell.person_id
),

first_fp_grant AS (
    SELECT
        decision.person_id,
        min(decision.decision_date) AS grant_date
    FROM core.decision
    WHERE decision.decision = 'grant' AND decision.case_type = 'FP'
    GROUP BY decision.person_id
),

decisions_begin AS (
    SELECT min(first_fp_grant.grant_date) + to_years(1) AS begin_date
    FROM first_fp_grant
)

SELECT
    first_pension.person_id,
    first_pension.first_week_date,
    first_fp_grant.grant_date
FROM first_pension
CROSS JOIN decisions_begin
LEFT JOIN first_fp_grant ON first_pension.person_id = first_fp_grant.person_id
WHERE
    first_pension.first_week_date >= decisions_begin.begin_date
    AND (
        first_fp_grant.grant_date IS NULL
        OR first_fp_grant.grant_date > first_pension.first_week_date + to_days(6)
    )
ORDER BY first_pension.person_id
