-- object: checks.parents_differ
-- grain: one row per year in which somebody is noted as mother and father of the same person
-- key: year
-- units: persons
-- source: Statistics Denmark, BEF
-- reads: raw.bef
-- caveat: core.parent has them as one parent
-- severity: warn

SELECT
    bef.FILE_YEAR AS year,
    count(*) AS n_persons
FROM raw.bef
WHERE bef.MOR_ID = bef.FAR_ID
GROUP BY bef.FILE_YEAR
ORDER BY bef.FILE_YEAR
