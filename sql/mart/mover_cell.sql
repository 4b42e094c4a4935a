-- object: mart.mover_cell
-- grain: one row per outcome, year, municipality, the one before, years since and factor levels
-- key: none
-- units: persons, grants
-- source: mart.person_year, mart.risk_change, BEF
-- reads: mart.person_year, mart.risk_change, core.person_snapshot, codes.outcome
-- caveat: a part of mart.model_cell: those who changed municipality in the five years before;
--   not for publication

CREATE TABLE mart.mover_cell AS
WITH move AS (
    SELECT
        person_year.person_id,
        person_year.year,
        arg_max(
            person_snapshot.municipality_code, person_snapshot.snapshot_year
        ) AS origin_municipality_code,
        person_year.year - 1 - max(person_snapshot.snapshot_year) AS years_since_move
    FROM mart.person_year
    INNER JOIN core.person_snapshot
        ON
            person_year.person_id = person_snapshot.person_id
            AND person_snapshot.snapshot_year BETWEEN person_year.year - 6 AND person_year.year - 2
            AND person_year.municipality_code != person_snapshot.municipality_code
    GROUP BY person_year.person_id, person_year.year
),

moved AS (
    SELECT
        person_year.*,  -- noqa: AM04
        move.origin_municipality_code,
        move.years_since_move
    FROM mart.person_year
    INNER JOIN move
        ON person_year.person_id = move.person_id AND person_year.year = move.year
)

-- As mart.person_risk, of the few who are asked for.
SELECT
    outcome.outcome,
    moved.year,
    moved.municipality_code,
    moved.origin_municipality_code,
    moved.years_since_move,
    COLUMNS(LAMBDA name: list_contains(getvariable('factors'), name)),  -- noqa: RF02
    count(*) AS n_persons,
    count(*) FILTER (WHERE risk_change.is_event) AS n_events,
    CAST(sum(moved.record_key) AS BIGINT) AS persons_key,
    CAST(
        coalesce(sum(moved.record_key) FILTER (WHERE risk_change.is_event), 0) AS BIGINT
    ) AS events_key
FROM moved
CROSS JOIN codes.outcome
LEFT JOIN mart.risk_change
    ON
        moved.person_id = risk_change.person_id
        AND moved.year = risk_change.year
        AND outcome.outcome = risk_change.outcome
WHERE
    coalesce(risk_change.is_at_risk, TRUE)
    AND list_contains(getvariable('outcomes'), outcome.outcome)
GROUP BY ALL
ORDER BY ALL;

COMMENT ON TABLE mart.mover_cell IS 'Cells of those at risk who changed municipality in the five years before.';
COMMENT ON COLUMN mart.mover_cell.outcome IS 'Outcome; see codes.outcome.';
COMMENT ON COLUMN mart.mover_cell.year IS 'Year at risk.';
COMMENT ON COLUMN mart.mover_cell.municipality_code IS
'Municipality of residence on 31 December before.';
COMMENT ON COLUMN mart.mover_cell.origin_municipality_code IS
'Municipality of residence before the last move, as it is called today.';
COMMENT ON COLUMN mart.mover_cell.years_since_move IS
'Years from the last 31 December there to the eve of the year at risk, 1-5.';
COMMENT ON COLUMN mart.mover_cell.n_persons IS 'Persons at risk of the outcome.';
COMMENT ON COLUMN mart.mover_cell.n_events IS 'Persons whom it came to in the year.';
COMMENT ON COLUMN mart.mover_cell.persons_key IS 'Sum of the record keys of n_persons.';
COMMENT ON COLUMN mart.mover_cell.events_key IS 'Sum of the record keys of n_events.';
