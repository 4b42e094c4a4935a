-- object: analysis.moved
-- database: benchmark
-- grain: one row per benchmark, years, outcome and municipality of both releases
-- key: none
-- units: ranks, log odds
-- source: result
-- reads: result.run, result.benchmark, result.ranking
-- caveat: a and b are names of attached releases; what both asked is compared, each question with itself; is_beyond_chance when the two rank intervals have no place in common, which is strict; releases of the same data are not independent

-- The linter cannot parse COMMENT ON MACRO.
-- noqa: disable=all
CREATE MACRO analysis.moved(a, b) AS TABLE
    SELECT
        run_later.benchmark,
        run_later.years,
        later.outcome,
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
    FROM query_table(a || '.result.run') AS run_before
    INNER JOIN query_table(b || '.result.run') AS run_later
        USING (benchmark, years)
    INNER JOIN query_table(a || '.result.ranking') AS before
        ON run_before.run_id = before.run_id
    INNER JOIN query_table(b || '.result.ranking') AS later
        ON run_later.run_id = later.run_id
        AND before.outcome = later.outcome
        AND before.model = later.model
        AND before.municipality_code = later.municipality_code
    INNER JOIN query_table(a || '.result.benchmark') AS of_before
        ON before.run_id = of_before.run_id
        AND before.outcome = of_before.outcome
        AND before.model = of_before.model
        AND before.municipality_code = of_before.municipality_code
    INNER JOIN query_table(b || '.result.benchmark') AS of_now
        ON later.run_id = of_now.run_id
        AND later.outcome = of_now.outcome
        AND later.model = of_now.model
        AND later.municipality_code = of_now.municipality_code
    WHERE later.model = 'within'
    ORDER BY run_later.run_order, later.outcome, abs(later.rank - before.rank) DESC, later.municipality_code;

COMMENT ON MACRO TABLE analysis.moved IS
'Who moved between two attached releases, each question with itself: ATTACH ''data/releases/benchmark-....duckdb'' AS earlier (READ_ONLY); FROM analysis.moved(''earlier'', ''benchmark'').';
