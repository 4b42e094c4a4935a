-- object: checks.factor_level_known
-- grain: one row per factor and level that the benchmark does not declare
-- key: factor, level
-- units: cells
-- source: the benchmark's declaration
-- reads: mart.model_cell, mart.factor_level
-- caveat: a missing value is a level of its own that nobody declares
-- severity: stop

WITH cell_level AS (
    SELECT
        factor,
        level,
        count(*) AS n_cells
    FROM (
        UNPIVOT (
            SELECT
                coalesce(
                    COLUMNS(LAMBDA name: list_contains(getvariable('factors'), name)), '(null)'
                ) AS "\0"  -- noqa: RF05
            FROM mart.model_cell
        ) ON COLUMNS(*) INTO NAME factor VALUE level
    )
    GROUP BY factor, level
)

SELECT
    cell_level.factor,
    cell_level.level,
    cell_level.n_cells
FROM cell_level
LEFT JOIN mart.factor_level
    ON cell_level.factor = factor_level.factor AND cell_level.level = factor_level.level
WHERE factor_level.factor IS NULL
ORDER BY cell_level.factor, cell_level.level
