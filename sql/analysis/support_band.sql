-- object: analysis.support_band
-- database: registers
-- grain: one value
-- key: none
-- units: weeks
-- source: formula
-- reads: none
-- caveat: of any public support, which is another variable than tenure on cash benefit

-- The linter cannot parse COMMENT ON MACRO.
-- noqa: disable=all
CREATE MACRO analysis.support_band(support_weeks) AS
    CASE
        WHEN support_weeks <= 2 * 52 THEN '0_to_2'
        WHEN support_weeks <= 5 * 52 THEN '3_to_5'
        WHEN support_weeks <= 10 * 52 THEN '6_to_10'
        WHEN support_weeks > 10 * 52 THEN 'over_10'
    END;

COMMENT ON MACRO analysis.support_band IS
'Years on any public support, of 52 weeks: 0_to_2, 3_to_5, 6_to_10, over_10; not to be mixed with tenure_band.';
