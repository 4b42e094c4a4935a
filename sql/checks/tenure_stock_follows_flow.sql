-- object: checks.tenure_stock_follows_flow
-- grain: one row per quarter and municipality whose stock is not that before, less out, and in
-- key: quarter_number, municipality_code
-- units: persons
-- source: definition of stock and flow
-- reads: mart.tenure_stock, mart.tenure_flow
-- caveat: none
-- severity: stop

WITH stock AS (
    SELECT
        tenure_stock.quarter_number,
        tenure_stock.municipality_code,
        sum(tenure_stock.n_persons) AS n_persons
    FROM mart.tenure_stock
    GROUP BY tenure_stock.quarter_number, tenure_stock.municipality_code
),

change AS (
    SELECT
        tenure_flow.quarter_number,
        tenure_flow.municipality_code,
        sum(
            CASE tenure_flow.direction WHEN 'in' THEN 1 ELSE -1 END * tenure_flow.n_persons
        ) AS n_persons
    FROM mart.tenure_flow
    GROUP BY tenure_flow.quarter_number, tenure_flow.municipality_code
),

-- Every quarter after the first one, and every municipality with anybody at either end of it.
step AS (
    SELECT
        stock.quarter_number,
        stock.municipality_code
    FROM stock
    WHERE stock.quarter_number - 1 IN (SELECT earlier.quarter_number FROM stock AS earlier)
    UNION
    SELECT
        stock.quarter_number + 1 AS quarter_number,
        stock.municipality_code
    FROM stock
    WHERE stock.quarter_number + 1 IN (SELECT later.quarter_number FROM stock AS later)
    UNION
    SELECT
        change.quarter_number,
        change.municipality_code
    FROM change
)

SELECT
    step.quarter_number,
    step.municipality_code,
    coalesce(before.n_persons, 0) AS n_before,
    coalesce(change.n_persons, 0) AS n_change,
    coalesce(stock.n_persons, 0) AS n_after
FROM step
LEFT JOIN stock AS before
    ON
        step.quarter_number = before.quarter_number + 1
        AND step.municipality_code = before.municipality_code
LEFT JOIN change
    ON
        step.quarter_number = change.quarter_number
        AND step.municipality_code = change.municipality_code
LEFT JOIN stock
    ON
        step.quarter_number = stock.quarter_number
        AND step.municipality_code = stock.municipality_code
WHERE
    coalesce(before.n_persons, 0) + coalesce(change.n_persons, 0) != coalesce(stock.n_persons, 0)
ORDER BY step.quarter_number, step.municipality_code
