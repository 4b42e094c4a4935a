-- question: Whose place moved most from an earlier release to this one?
-- database: benchmark
-- reads: analysis.ranking_now, earlier.analysis.ranking_now
-- returns: outcome, municipality_name, rank_before, rank_now, moved, observed_before, observed_now
-- caveat: first ATTACH 'data/releases/benchmark-....duckdb' AS earlier (READ_ONLY); compare releases
--   of the same window and settings, and mind that places within their sets move by chance

SELECT
    ranking_now.outcome,
    ranking_now.municipality_name,
    before.rank AS rank_before,
    ranking_now.rank AS rank_now,
    ranking_now.rank - before.rank AS moved,
    before.observed AS observed_before,
    ranking_now.observed AS observed_now
FROM analysis.ranking_now
INNER JOIN earlier.analysis.ranking_now AS before
    ON
        ranking_now.outcome = before.outcome
        AND ranking_now.municipality_code = before.municipality_code
ORDER BY abs(ranking_now.rank - before.rank) DESC, ranking_now.outcome ASC, ranking_now.rank ASC;
