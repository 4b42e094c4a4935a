-- object: checks.persons_mostly_in_population
-- grain: one row per register and year of whose rows fewer than low_match_share are about residents
-- key: register, year
-- units: none
-- source: setting low_match_share
-- reads: core.population_match
-- caveat: persons who were never resident, such as visitors, are among them; fewer than 20 rows say nothing
-- severity: warn

SELECT
    population_match.register,
    population_match.year,
    round(population_match.match_share, 3) AS match_share
FROM core.population_match
WHERE
    population_match.n_rows >= 20
    AND population_match.match_share < getvariable('low_match_share')
ORDER BY population_match.register, population_match.year
