-- object: checks.cells_add_up
-- grain: one row per outcome, year and municipality whose cells differ from the risk set
-- key: outcome, year, municipality_code
-- units: persons, grants
-- source: definition of the cells
-- reads: mart.model_cell, mart.person_risk, mart.grant_cell
-- caveat: none
-- severity: stop

WITH person_total AS (
    SELECT
        person_risk.outcome,
        person_risk.year,
        person_risk.municipality_code,
        count(*) AS n_persons,
        count(*) FILTER (WHERE person_risk.is_event) AS n_events
    FROM mart.person_risk
    WHERE list_contains(getvariable('outcomes'), person_risk.outcome)
    GROUP BY person_risk.outcome, person_risk.year, person_risk.municipality_code
),

cell_total AS (
    SELECT
        model_cell.outcome,
        model_cell.year,
        model_cell.municipality_code,
        sum(model_cell.n_persons) AS n_persons,
        sum(model_cell.n_events) AS n_events
    FROM mart.model_cell
    GROUP BY model_cell.outcome, model_cell.year, model_cell.municipality_code
),

grant_total AS (
    SELECT
        grant_cell.outcome,
        grant_cell.year,
        grant_cell.municipality_code,
        sum(grant_cell.n_events) AS n_grants
    FROM mart.grant_cell
    GROUP BY grant_cell.outcome, grant_cell.year, grant_cell.municipality_code
)

SELECT
    coalesce(person_total.outcome, cell_total.outcome) AS outcome,
    coalesce(person_total.year, cell_total.year) AS year,
    coalesce(person_total.municipality_code, cell_total.municipality_code) AS municipality_code,
    person_total.n_persons,
    cell_total.n_persons AS n_persons_in_cells,
    person_total.n_events,
    cell_total.n_events AS n_events_in_cells,
    grant_total.n_grants
FROM person_total
FULL OUTER JOIN cell_total
    ON
        person_total.outcome = cell_total.outcome
        AND person_total.year = cell_total.year
        AND person_total.municipality_code = cell_total.municipality_code
LEFT JOIN grant_total
    ON
        cell_total.outcome = grant_total.outcome
        AND cell_total.year = grant_total.year
        AND cell_total.municipality_code = grant_total.municipality_code
WHERE
    person_total.n_persons IS DISTINCT FROM cell_total.n_persons
    OR person_total.n_events IS DISTINCT FROM cell_total.n_events
    OR cell_total.n_events != coalesce(grant_total.n_grants, 0)
ORDER BY outcome, year, municipality_code
