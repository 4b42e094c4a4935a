-- object: mart.tenure_exit
-- grain: one row per year, municipality and year of tenure
-- key: year, municipality_code, tenure_year
-- units: persons
-- source: STAR, DREAM; BEF
-- reads: mart.benefit_stock, mart.quarter, core.benefit_spell
-- caveat: on benefit at the beginning of the year and not at its end; who leaves and comes back within
--   the year has not left

CREATE TABLE mart.tenure_exit AS
SELECT
    last_quarter.year,
    benefit_stock.municipality_code,
    CAST(least(10, (benefit_stock.tenure_weeks - 1) // 52) AS INTEGER) AS tenure_year,
    count(*) AS n_persons,
    CAST(sum(benefit_stock.record_key) AS BIGINT) AS persons_key,
    count(*) FILTER (WHERE still_on.person_id IS NULL) AS n_exits,
    CAST(
        coalesce(sum(benefit_stock.record_key) FILTER (WHERE still_on.person_id IS NULL), 0)
        AS BIGINT
    ) AS exits_key
FROM mart.benefit_stock
INNER JOIN mart.quarter
    ON benefit_stock.quarter_number = quarter.quarter_number AND quarter.quarter = 4
INNER JOIN mart.quarter AS last_quarter
    ON quarter.quarter_number + 4 = last_quarter.quarter_number
LEFT JOIN core.benefit_spell AS still_on
    ON
        benefit_stock.person_id = still_on.person_id
        AND still_on.benefit_state IN ('cash_benefit', 'education_benefit')
        AND last_quarter.week_position BETWEEN still_on.first_week_position
        AND still_on.last_week_position
GROUP BY ALL
ORDER BY ALL;

COMMENT ON TABLE mart.tenure_exit IS
'Of those on cash or education benefit when a year begins, who is off it when it ends, by tenure.';
COMMENT ON COLUMN mart.tenure_exit.year IS 'Year in which they leave.';
COMMENT ON COLUMN mart.tenure_exit.municipality_code IS
'Municipality of residence when the year begins.';
COMMENT ON COLUMN mart.tenure_exit.tenure_year IS
'Whole years of cumulative tenure passed when the year begins; 10 is ten or more.';
COMMENT ON COLUMN mart.tenure_exit.n_persons IS 'Persons on benefit when the year begins.';
COMMENT ON COLUMN mart.tenure_exit.persons_key IS 'Sum of the record keys of n_persons.';
COMMENT ON COLUMN mart.tenure_exit.n_exits IS 'Those of them not on it in its last week.';
COMMENT ON COLUMN mart.tenure_exit.exits_key IS 'Sum of the record keys of n_exits.';
