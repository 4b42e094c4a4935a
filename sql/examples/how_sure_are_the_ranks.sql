-- question: How much do we know about the ranks: how wide are the sets, and how many municipalities
--   are above or below the middle for certain?
-- database: benchmark
-- reads: now.ranking
-- returns: outcome, model, n_municipalities, mean_width, narrowest, widest, n_surely_below_middle,
--   n_surely_above_middle
-- caveat: the sets hold for one municipality at a time; "surely" is by the simultaneous sets, which
--   hold for all at once

SELECT
    ranking.outcome,
    ranking.model,
    count(*) AS n_municipalities,
    avg(ranking.rank_high - ranking.rank_low + 1) AS mean_width,
    min(ranking.rank_high - ranking.rank_low + 1) AS narrowest,
    max(ranking.rank_high - ranking.rank_low + 1) AS widest,
    count(*) FILTER (WHERE ranking.rank_high_simultaneous <= 49) AS n_surely_below_middle,
    count(*) FILTER (WHERE ranking.rank_low_simultaneous >= 50) AS n_surely_above_middle
FROM now.ranking
GROUP BY ranking.outcome, ranking.model
ORDER BY ranking.outcome, ranking.model;
