-- object: checks.event_once_per_person
-- grain: one row per person and outcome counted in more than one year
-- key: person_id, outcome
-- units: events
-- source: definition of the risk set
-- reads: mart.person_risk
-- caveat: none
-- severity: stop

SELECT
    person_risk.person_id,
    person_risk.outcome,
    count(*) AS n_events
FROM mart.person_risk
WHERE person_risk.is_event
GROUP BY person_risk.person_id, person_risk.outcome
HAVING count(*) > 1
ORDER BY person_risk.person_id, person_risk.outcome
