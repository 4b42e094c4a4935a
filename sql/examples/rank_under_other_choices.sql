-- question: How far does a place move under other reasonable choices, and who stays in the same fifth?
-- database: benchmark
-- reads: now.sensitivity_summary, analysis.ranking_now
-- returns: outcome, municipality_name, rank, rank_low, rank_high, rank_lowest, rank_highest,
--   n_specifications, always
-- caveat: the range over choices comes on top of the rank set, not instead of it; specifications
--   whose rank is withheld for a municipality do not count

SELECT
    ranking_now.outcome,
    ranking_now.municipality_name,
    ranking_now.rank,
    ranking_now.rank_low,
    ranking_now.rank_high,
    sensitivity_summary.rank_lowest,
    sensitivity_summary.rank_highest,
    sensitivity_summary.n_specifications,
    CASE
        WHEN sensitivity_summary.share_lowest_quintile = 1 THEN 'lowest fifth'
        WHEN sensitivity_summary.share_highest_quintile = 1 THEN 'highest fifth'
    END AS always
FROM now.sensitivity_summary
INNER JOIN analysis.ranking_now
    ON
        sensitivity_summary.outcome = ranking_now.outcome
        AND sensitivity_summary.municipality_code = ranking_now.municipality_code
ORDER BY ranking_now.outcome, ranking_now.rank;
