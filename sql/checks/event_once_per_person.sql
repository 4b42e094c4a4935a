-- object: checks.event_once_per_person
-- grain: one row per person and outcome counted in more than one year
-- key: person_id, outcome
-- units: events
-- source: definition of the risk set
-- reads: mart.person_outcome, mart.person_risk
-- caveat: none
-- severity: stop

SELECT
    person_outcome.person_id,
    person_outcome.outcome,
    count(*) AS n_events
FROM mart.person_outcome
INNER JOIN mart.person_risk
    ON
        person_outcome.person_id = person_risk.person_id
        AND person_outcome.outcome = person_risk.outcome
WHERE person_risk.is_event
GROUP BY person_outcome.person_id, person_outcome.outcome
HAVING count(*) > 1
ORDER BY person_outcome.person_id, person_outcome.outcome
