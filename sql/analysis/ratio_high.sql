-- object: analysis.ratio_high
-- database: benchmark
-- grain: one value
-- key: none
-- units: ratio
-- source: formula
-- reads: none
-- caveat: Byar's approximation to the exact Poisson limit; expected counts are taken as known

-- The linter cannot parse COMMENT ON MACRO.
-- noqa: disable=all
CREATE MACRO analysis.ratio_high(observed, expected, z := 1.959963984540054) AS
    CASE
        WHEN expected > 0
            THEN
                (observed + 1)
                * (1 - 1 / (9 * (observed + 1)) + z / (3 * sqrt(observed + 1))) ** 3
                / expected
    END;

COMMENT ON MACRO analysis.ratio_high IS
'Upper limit of observed over expected, for any grouping; z is 1.96 for 95 %, 3.09 for 99.8 %.';
