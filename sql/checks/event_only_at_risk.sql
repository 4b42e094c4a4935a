-- object: checks.event_only_at_risk
-- grain: one row per person and year with a first grant outside the risk set
-- key: person_id, year
-- units: none
-- source: definition of the risk set
-- reads: mart.person_year
-- caveat: none
-- severity: stop

SELECT
    person_year.person_id,
    person_year.year
FROM mart.person_year
WHERE
    (person_year.event_fp AND NOT person_year.is_at_risk_fp)
    OR (person_year.event_fj AND NOT person_year.is_at_risk_fj)
    OR (person_year.event_any AND NOT person_year.is_at_risk_any)
    OR (person_year.event_any AND NOT (person_year.event_fp OR person_year.event_fj))
    OR (person_year.event_fp AND person_year.diagnosis_fp IS NULL)
    OR (person_year.event_fj AND person_year.diagnosis_fj IS NULL)
    OR (person_year.event_any AND person_year.diagnosis_any IS NULL)
ORDER BY person_year.person_id, person_year.year
