-- object: factor.income_band
-- place: 27
-- title: Personlig indkomst / Personal income
-- levels: unknown = Uoplyst / Not stated; up_to_150 = Under 150.000 kr. / Below 150,000 kr.;
--   150_to_300 = 150.000-299.999 kr. / 150,000-299,999 kr.; over_300 = 300.000 kr. eller mere /
--   300,000 kr. or more
-- reference: unknown
-- lookback: two years before
-- health: no
-- source: Statistics Denmark, IND
-- reads: core.income
-- caveat: kroner of the year two before, the last whose tax is settled; unknown for all where IND
--   was not delivered

SELECT
    income.person_id,
    income.income_year + 2 AS year,
    CASE
        WHEN income.total_income_dkk IS NULL THEN 'unknown'
        WHEN income.total_income_dkk < 150000 THEN 'up_to_150'
        WHEN income.total_income_dkk < 300000 THEN '150_to_300'
        ELSE 'over_300'
    END AS level
FROM core.income
WHERE list_contains(getvariable('years_at_risk'), income.income_year + 2)
