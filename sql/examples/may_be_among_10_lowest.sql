-- question: Which municipalities may be among the 10 that grant fewest relative to expectation?
-- database: benchmark
-- reads: analysis.ranking_now, now.ranking
-- returns: outcome, municipality_name, rank, rank_low, rank_high, p_lowest_10, ratio
-- caveat: the set holds all of the 10 lowest with the confidence in result.setting, so it is longer
--   than 10; being in it is no proof of being among them, and being low is neither good nor bad

SELECT
    ranking_now.outcome,
    ranking_now.municipality_name,
    ranking_now.rank,
    ranking_now.rank_low,
    ranking_now.rank_high,
    ranking.p_lowest_10,
    ranking_now.ratio
FROM analysis.ranking_now
INNER JOIN now.ranking
    ON
        ranking_now.outcome = ranking.outcome
        AND ranking_now.municipality_code = ranking.municipality_code
        AND ranking.model = 'within'
WHERE ranking_now.may_be_among_10_lowest
ORDER BY ranking_now.outcome, ranking_now.rank, ranking_now.municipality_name;
