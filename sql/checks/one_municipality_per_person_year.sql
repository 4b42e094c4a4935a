-- object: checks.one_municipality_per_person_year
-- grain: one row per person and year with more than one municipality
-- key: person_id, year
-- units: none
-- source: definition of the risk set
-- reads: mart.person_year
-- caveat: none
-- severity: stop

SELECT
    person_year.person_id,
    person_year.year,
    count(DISTINCT person_year.municipality_code) AS n_municipalities
FROM mart.person_year
GROUP BY person_year.person_id, person_year.year
HAVING count(DISTINCT person_year.municipality_code) > 1
ORDER BY person_year.person_id, person_year.year
