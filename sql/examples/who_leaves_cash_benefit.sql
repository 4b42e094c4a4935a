-- question: How fast do people leave cash benefit by how long they have been on it, in the country and one municipality?
-- database: benchmark
-- reads: now.tenure_exit, codes.municipality
-- returns: area, year, tenure_year, n_persons, n_exits, exit_share, exit_share_low, exit_share_high
-- caveat: counts have noise, which the limits take in; unadjusted for who they are

SELECT
    coalesce(municipality.municipality_name, 'Danmark') AS area,
    tenure_exit.year,
    tenure_exit.tenure_year,
    tenure_exit.n_persons,
    tenure_exit.n_exits,
    tenure_exit.exit_share,
    tenure_exit.exit_share_low,
    tenure_exit.exit_share_high
FROM now.tenure_exit
LEFT JOIN codes.municipality ON tenure_exit.area_code = municipality.municipality_code
WHERE tenure_exit.area_code IN ('000', '751')
ORDER BY tenure_exit.area_code, tenure_exit.year, tenure_exit.tenure_year;
