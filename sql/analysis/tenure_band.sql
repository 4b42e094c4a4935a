-- object: analysis.tenure_band
-- database: benchmark, registers
-- grain: one value
-- key: none
-- units: weeks
-- source: formula
-- reads: none
-- caveat: as mart.person_year: 52 weeks are a year, limits belong to the lower band

-- The linter cannot parse COMMENT ON MACRO.
-- noqa: disable=all
CREATE MACRO analysis.tenure_band(cash_benefit_weeks) AS
    CASE
        WHEN cash_benefit_weeks = 0 THEN 'none'
        WHEN cash_benefit_weeks <= 52 THEN 'up_to_1'
        WHEN cash_benefit_weeks <= 104 THEN '1_to_2'
        WHEN cash_benefit_weeks <= 260 THEN '2_to_5'
        WHEN cash_benefit_weeks > 260 THEN 'over_5'
    END;

COMMENT ON MACRO analysis.tenure_band IS
'Tenure band of cumulative weeks on cash or education benefit: none, up_to_1, 1_to_2, 2_to_5, over_5 years.';
