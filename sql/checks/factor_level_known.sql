-- object: checks.factor_level_known
-- grain: one row per factor and level that is not in the code list
-- key: factor, level
-- units: cells
-- source: pipeline/codes/factor.csv
-- reads: mart.model_cell, codes.factor
-- caveat: none
-- severity: stop

WITH cell_level AS (
    SELECT
        factor,
        level,
        count(*) AS n_cells
    FROM (
        UNPIVOT (
            SELECT
                coalesce(model_cell.age_band, '(null)') AS age_band,
                coalesce(model_cell.sex, '(null)') AS sex,
                coalesce(model_cell.education, '(null)') AS education,
                coalesce(model_cell.origin, '(null)') AS origin,
                coalesce(model_cell.family, '(null)') AS family,
                coalesce(model_cell.labour_status, '(null)') AS labour_status,
                coalesce(model_cell.tenure_band, '(null)') AS tenure_band,
                coalesce(model_cell.sickness_weeks_band, '(null)') AS sickness_weeks_band,
                coalesce(model_cell.mental_health, '(null)') AS mental_health,
                coalesce(model_cell.somatic_health, '(null)') AS somatic_health,
                coalesce(model_cell.gp_contacts_band, '(null)') AS gp_contacts_band
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
LEFT JOIN codes.factor
    ON cell_level.factor = factor.factor AND cell_level.level = factor.level
WHERE factor.factor IS NULL
ORDER BY cell_level.factor, cell_level.level
