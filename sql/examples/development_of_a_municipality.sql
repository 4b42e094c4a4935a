-- question: How has a municipality developed: first grants over all years, beside the country's?
-- database: benchmark
-- reads: now.grant_history, codes.municipality
-- returns: outcome, year, residents, observed, per_1000, country_per_1000
-- caveat: not adjusted for composition, so read the direction and not the level; withheld counts are
--   null, and the country's rate is over municipalities whose count is shown

SELECT
    grant_history.outcome,
    grant_history.year,
    max(grant_history.residents)
    FILTER (WHERE municipality.municipality_name = 'Aalborg') AS residents,
    max(grant_history.observed)
    FILTER (WHERE municipality.municipality_name = 'Aalborg') AS observed,
    1000 * max(grant_history.observed_share)
    FILTER (WHERE municipality.municipality_name = 'Aalborg') AS per_1000,
    1000 * sum(grant_history.observed)
    / sum(grant_history.residents) FILTER (WHERE NOT grant_history.is_suppressed)
        AS country_per_1000
FROM now.grant_history
INNER JOIN codes.municipality
    ON grant_history.municipality_code = municipality.municipality_code
GROUP BY grant_history.outcome, grant_history.year
ORDER BY grant_history.outcome, grant_history.year;
