-- object: checks.event_once_per_person
-- grain: one row per person whose first grant is counted in more than one year
-- key: person_id
-- units: grants
-- source: definition of the risk set
-- reads: mart.person_year
-- caveat: none
-- severity: stop

SELECT
    person_year.person_id,
    count(*) FILTER (WHERE person_year.event_fp) AS n_fp,
    count(*) FILTER (WHERE person_year.event_fj) AS n_fj,
    count(*) FILTER (WHERE person_year.event_any) AS n_any
FROM mart.person_year
WHERE person_year.event_fp OR person_year.event_fj
GROUP BY person_year.person_id
HAVING
    count(*) FILTER (WHERE person_year.event_fp) > 1
    OR count(*) FILTER (WHERE person_year.event_fj) > 1
    OR count(*) FILTER (WHERE person_year.event_any) > 1
ORDER BY person_year.person_id
