-- object: checks.grant_has_resident
-- grain: one row per grant to a person whom the population register never names
-- key: person_id, case_type, decision_date
-- units: none
-- source: Ankestyrelsen, BEF
-- reads: core.decision, core.person_snapshot
-- caveat: none
-- severity: warn

SELECT
    decision.person_id,
    decision.case_type,
    decision.decision_date
FROM core.decision
ANTI JOIN core.person_snapshot ON decision.person_id = person_snapshot.person_id
WHERE decision.decision = 'grant'
ORDER BY decision.person_id, decision.case_type, decision.decision_date
