-- question: How long have the residents of each region been on cash benefit, and on any support?
-- database: registers
-- reads: analysis.tenure_on, core.person_snapshot, codes.municipality, codes.factor
-- returns: region_name, tenure_band, n_persons, share_of_region, mean_support_weeks
-- caveat: microdata; tenure is cumulative over ten years, across breaks and moves, and another
--   variable than years on any support

WITH resident AS (
    SELECT
        municipality.region_name,
        coalesce(tenure.tenure_band, 'none') AS tenure_band,
        coalesce(tenure.support_weeks, 0) AS support_weeks
    FROM core.person_snapshot
    INNER JOIN codes.municipality
        ON person_snapshot.municipality_code = municipality.municipality_code
    LEFT JOIN analysis.tenure_on(DATE '2006-01-01') AS tenure
        ON person_snapshot.person_id = tenure.person_id
    WHERE person_snapshot.snapshot_year = 2005 AND person_snapshot.age_years BETWEEN 18 AND 64
)

SELECT
    resident.region_name,
    resident.tenure_band,
    count(*) AS n_persons,
    count(*) / sum(count(*)) OVER (PARTITION BY resident.region_name) AS share_of_region,
    avg(resident.support_weeks) AS mean_support_weeks
FROM resident
INNER JOIN codes.factor
    ON resident.tenure_band = factor.level AND factor.factor = 'tenure_band'
GROUP BY resident.region_name, resident.tenure_band, factor.position
ORDER BY resident.region_name, factor.position;
