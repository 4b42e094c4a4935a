-- object: analysis.moved
-- database: benchmark
-- grain: one row per outcome and municipality of both releases
-- key: none
-- units: ranks, log odds
-- source: result
-- reads: result.benchmark, result.ranking
-- caveat: a and b are names of attached releases of one question; is_beyond_chance when the two rank intervals have no place in common, which is strict; releases of the same data are not independent

-- The linter cannot parse COMMENT ON MACRO.
-- noqa: disable=all
CREATE MACRO analysis.moved(a, b) AS TABLE
    SELECT
        outcome,
        later.municipality_code,
        of_now.municipality_name,
        before.rank AS rank_before,
        before.rank_low AS rank_low_before,
        before.rank_high AS rank_high_before,
        later.rank AS rank_now,
        later.rank_low AS rank_low_now,
        later.rank_high AS rank_high_now,
        later.rank - before.rank AS moved,
        of_now.practice_effect - of_before.practice_effect AS effect_change,
        before.rank_high < later.rank_low OR later.rank_high < before.rank_low AS is_beyond_chance
    FROM query_table(a || '.result.ranking') AS before
    INNER JOIN query_table(b || '.result.ranking') AS later
        USING (outcome, model, municipality_code)
    INNER JOIN query_table(a || '.result.benchmark') AS of_before
        USING (outcome, model, municipality_code)
    INNER JOIN query_table(b || '.result.benchmark') AS of_now
        USING (outcome, model, municipality_code)
    WHERE model = 'within'
    ORDER BY outcome, abs(later.rank - before.rank) DESC, municipality_code;

COMMENT ON MACRO TABLE analysis.moved IS
'Who moved between two attached releases: ATTACH ''data/releases/benchmark-....duckdb'' AS earlier (READ_ONLY); FROM analysis.moved(''earlier'', ''benchmark'').';
