-- question: How many were granted in the first quarters of each year, against the same of the year before?
-- database: benchmark
-- reads: now.grant_quarter, now.pension_stock
-- returns: outcome, year, quarter, n_to_date, to_date_change, to_date_change_low, to_date_change_high, on_benefit
-- caveat: the country, not adjusted for composition; the first three quarters of a year that is known
--   whole; on benefit at the end of the year, of the one that the outcome leads to

WITH last AS (
    SELECT
        max(grant_quarter.year) AS year,
        arg_max(grant_quarter.quarter, 4 * grant_quarter.year + grant_quarter.quarter) AS quarter
    FROM now.grant_quarter
)

SELECT
    grant_quarter.outcome,
    grant_quarter.year,
    grant_quarter.quarter,
    grant_quarter.n_to_date,
    grant_quarter.to_date_change,
    grant_quarter.to_date_change_low,
    grant_quarter.to_date_change_high,
    pension_stock.n_persons AS on_benefit
FROM now.grant_quarter
CROSS JOIN last
LEFT JOIN now.pension_stock
    ON
        grant_quarter.area_code = pension_stock.area_code
        AND grant_quarter.year = pension_stock.year
        AND pension_stock.state_group = CASE grant_quarter.outcome
            WHEN 'FP' THEN 'disability_pension'
            WHEN 'FJ' THEN 'flexjob'
        END
WHERE
    grant_quarter.area_code = '000'
    AND grant_quarter.quarter = least(last.quarter, 3)
ORDER BY grant_quarter.outcome, grant_quarter.year;
