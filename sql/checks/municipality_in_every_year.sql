-- object: checks.municipality_in_every_year
-- grain: one row per municipality and year of the history in which nobody lived there
-- key: year, municipality_code
-- units: none
-- source: BEF
-- reads: mart.grant_history
-- caveat: such a municipality-year has no residents, no grants and no rate
-- severity: warn

SELECT DISTINCT
    grant_history.year,
    grant_history.municipality_code
FROM mart.grant_history
WHERE grant_history.residents = 0
ORDER BY grant_history.year, grant_history.municipality_code
