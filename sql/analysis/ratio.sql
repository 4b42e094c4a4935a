-- object: analysis.ratio
-- database: benchmark
-- grain: one value
-- key: none
-- units: ratio
-- source: formula
-- reads: none
-- caveat: null where nothing is expected

-- The linter cannot parse COMMENT ON MACRO.
-- noqa: disable=all
CREATE MACRO analysis.ratio(observed, expected) AS
    CASE WHEN expected > 0 THEN observed / expected END;

COMMENT ON MACRO analysis.ratio IS
'Observed over expected: analysis.ratio(sum(observed), sum(expected)) in any GROUP BY.';
