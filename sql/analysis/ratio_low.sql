-- object: analysis.ratio_low
-- database: benchmark
-- grain: one value
-- key: none
-- units: ratio
-- source: formula
-- reads: none
-- caveat: Byar's approximation to the exact Poisson limit; expected counts are taken as known

-- The linter cannot parse COMMENT ON MACRO.
-- noqa: disable=all
CREATE MACRO analysis.ratio_low(observed, expected, z := 1.959963984540054) AS
    CASE
        WHEN NOT expected > 0 THEN NULL
        WHEN observed = 0 THEN 0.0
        ELSE observed * (1 - 1 / (9 * observed) - z / (3 * sqrt(observed))) ** 3 / expected
    END;

COMMENT ON MACRO analysis.ratio_low IS
'Lower limit of observed over expected, for any grouping; z is 1.96 for 95 %, 3.09 for 99.8 %.';
