-- object: checks.grant_has_resident
-- grain: one row per grant to a person whom the population register never names
-- key: person_id, case_type, decision_date
-- units: none
-- source: Ankestyrelsen, BEF
-- reads: core.decision, raw.bef
-- caveat: none
-- severity: warn

SELECT
    decision.person_id,
    decision.case_type,
    decision.decision_date
FROM core.decision
ANTI JOIN raw.bef ON decision.person_id = bef.PNR
WHERE decision.decision = 'grant'
ORDER BY decision.person_id, decision.case_type, decision.decision_date
