-- object: checks.decision_after_application
-- grain: one row per decision dated before its application
-- key: person_id, case_type, decision_date
-- units: days
-- source: Ankestyrelsen
-- reads: core.decision
-- caveat: none
-- severity: warn

SELECT
    decision.person_id,
    decision.case_type,
    decision.decision_date,
    decision.application_date
FROM core.decision
WHERE decision.processing_days < 0
ORDER BY decision.person_id, decision.case_type, decision.decision_date
