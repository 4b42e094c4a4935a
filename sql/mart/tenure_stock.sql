-- object: mart.tenure_stock
-- grain: one row per quarter, municipality, benefit, age group and year of tenure
-- key: quarter_number, municipality_code, benefit_state, age_group, tenure_year
-- units: persons
-- source: STAR, DREAM; BEF
-- reads: mart.benefit_stock, mart.quarter
-- caveat: counts of few persons; not for publication

CREATE TABLE mart.tenure_stock AS
SELECT
    quarter.quarter_number,
    quarter.year,
    quarter.quarter,
    benefit_stock.municipality_code,
    benefit_stock.benefit_state,
    CASE WHEN benefit_stock.age_years < 30 THEN 'under_30' ELSE '30_and_over' END AS age_group,
    CAST(least(10, (benefit_stock.tenure_weeks - 1) // 52) AS INTEGER) AS tenure_year,
    count(*) AS n_persons,
    CAST(sum(benefit_stock.record_key) AS BIGINT) AS persons_key
FROM mart.benefit_stock
INNER JOIN mart.quarter ON benefit_stock.quarter_number = quarter.quarter_number
GROUP BY ALL
ORDER BY ALL;

COMMENT ON TABLE mart.tenure_stock IS 'Persons on cash or education benefit by tenure.';
COMMENT ON COLUMN mart.tenure_stock.quarter_number IS 'Quarter, as in mart.quarter.';
COMMENT ON COLUMN mart.tenure_stock.year IS 'ISO year.';
COMMENT ON COLUMN mart.tenure_stock.quarter IS 'Quarter of the year, 1 to 4.';
COMMENT ON COLUMN mart.tenure_stock.municipality_code IS 'Municipality of residence.';
COMMENT ON COLUMN mart.tenure_stock.benefit_state IS 'cash_benefit or education_benefit.';
COMMENT ON COLUMN mart.tenure_stock.age_group IS 'under_30 or 30_and_over.';
COMMENT ON COLUMN mart.tenure_stock.tenure_year IS
'Whole years of cumulative tenure passed, a year being 52 weeks; 10 is ten or more.';
COMMENT ON COLUMN mart.tenure_stock.n_persons IS 'Persons.';
COMMENT ON COLUMN mart.tenure_stock.persons_key IS 'Sum of the record keys of n_persons.';
