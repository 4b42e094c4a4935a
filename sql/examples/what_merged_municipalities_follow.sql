-- question: Does a municipality merged in 2007 grant as the mean, the largest or the strictest of its parts?
-- database: benchmark
-- reads: now.former_follow, codes.municipality
-- returns: outcome, municipality_name, n_former, p_mean, p_largest, p_strictest
-- caveat: no rows where the years are not near 2007; near a third each says that it cannot be told;
--   the shares of the country are in former_follow_country, the parts in former_municipality

SELECT
    former_follow.outcome,
    municipality.municipality_name,
    former_follow.n_former,
    former_follow.p_mean,
    former_follow.p_largest,
    former_follow.p_strictest
FROM now.former_follow
INNER JOIN codes.municipality
    ON former_follow.municipality_code = municipality.municipality_code
ORDER BY
    former_follow.outcome ASC,
    greatest(former_follow.p_mean, former_follow.p_largest, former_follow.p_strictest) DESC,
    municipality.municipality_name ASC;
