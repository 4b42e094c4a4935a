-- object: checks.event_only_at_risk
-- grain: one row per person, outcome and year in which it came to someone no longer at risk
-- key: person_id, outcome, year
-- units: none
-- source: definition of the risk set
-- reads: mart.person_outcome, mart.person_risk, mart.risk_end
-- caveat: none
-- severity: stop

SELECT
    person_risk.person_id,
    person_risk.outcome,
    person_risk.year
FROM mart.person_risk
INNER JOIN mart.person_outcome
    ON
        person_risk.person_id = person_outcome.person_id
        AND person_risk.outcome = person_outcome.outcome
INNER JOIN mart.risk_end
    ON
        person_risk.person_id = risk_end.person_id
        AND person_risk.outcome = risk_end.outcome
WHERE
    person_outcome.outcome_year < person_risk.year
    OR risk_end.last_year < person_risk.year
    OR (person_risk.is_event AND person_risk.diagnosis_group IS NULL)
    OR (person_risk.is_event AND person_risk.decision_municipality_code IS NULL)
ORDER BY person_risk.person_id, person_risk.outcome, person_risk.year
