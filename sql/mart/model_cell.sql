-- object: mart.model_cell
-- grain: one row per outcome, year, municipality and combination of factor levels
-- key: none
-- units: persons, grants
-- source: mart.person_year, mart.risk_change
-- reads: mart.person_year, mart.risk_change, codes.outcome
-- caveat: the cells of mart.person_risk; counts of few persons; not for publication

-- Everyone is counted once, not once an outcome, and whose risk is another of some outcome is taken
-- off: less than half the work of counting mart.person_risk. A check holds the two together.
CREATE TABLE mart.model_cell AS
WITH everyone AS (
    SELECT
        person_year.year,
        person_year.municipality_code,
        COLUMNS(LAMBDA name: list_contains(getvariable('factors'), name)),
        count(*) AS n_all,
        sum(person_year.record_key) AS all_key
    FROM mart.person_year
    GROUP BY ALL
),

changed AS (
    SELECT
        risk_change.outcome,
        person_year.year,
        person_year.municipality_code,
        COLUMNS(LAMBDA name: list_contains(getvariable('factors'), name)),  -- noqa: RF02
        count(*) FILTER (WHERE NOT risk_change.is_at_risk) AS n_ended,
        coalesce(
            sum(person_year.record_key) FILTER (WHERE NOT risk_change.is_at_risk), 0
        ) AS ended_key,
        count(*) FILTER (WHERE risk_change.is_event) AS n_of_outcome,
        coalesce(
            sum(person_year.record_key) FILTER (WHERE risk_change.is_event), 0
        ) AS outcome_key
    FROM mart.person_year
    INNER JOIN mart.risk_change
        ON
            person_year.person_id = risk_change.person_id
            AND person_year.year = risk_change.year
    GROUP BY ALL
),

of_outcome AS (
    SELECT
        outcome.outcome,
        everyone.*  -- noqa: AM04
    FROM everyone
    CROSS JOIN codes.outcome
    WHERE list_contains(getvariable('outcomes'), outcome.outcome)
)

SELECT
    of_outcome.outcome,
    of_outcome.year,
    of_outcome.municipality_code,
    COLUMNS(LAMBDA name: list_contains(getvariable('factors'), name)),  -- noqa: RF02
    of_outcome.n_all - coalesce(changed.n_ended, 0) AS n_persons,
    coalesce(changed.n_of_outcome, 0) AS n_events,
    CAST(of_outcome.all_key - coalesce(changed.ended_key, 0) AS BIGINT) AS persons_key,
    CAST(coalesce(changed.outcome_key, 0) AS BIGINT) AS events_key
-- By outcome, year, municipality and the factors, whichever they are; a missing level, which a
-- check stops, meets none.
FROM of_outcome
NATURAL LEFT JOIN changed
WHERE of_outcome.n_all > coalesce(changed.n_ended, 0)
ORDER BY ALL;

COMMENT ON TABLE mart.model_cell IS 'Persons at risk and events per cell of the model.';
COMMENT ON COLUMN mart.model_cell.outcome IS 'Outcome; see codes.outcome.';
COMMENT ON COLUMN mart.model_cell.year IS 'Year at risk.';
COMMENT ON COLUMN mart.model_cell.municipality_code IS
'Municipality of residence on 31 December before.';
COMMENT ON COLUMN mart.model_cell.n_persons IS 'Persons at risk of the outcome.';
COMMENT ON COLUMN mart.model_cell.n_events IS 'Persons whom it came to in the year.';
COMMENT ON COLUMN mart.model_cell.persons_key IS 'Sum of the record keys of n_persons.';
COMMENT ON COLUMN mart.model_cell.events_key IS 'Sum of the record keys of n_events.';
