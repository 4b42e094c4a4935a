-- object: mart.mover_cell
-- grain: one row per outcome, year, municipality and combination of factor levels
-- key: none
-- units: persons, grants
-- source: mart.person_risk, BEF
-- reads: mart.person_risk, core.person_snapshot
-- caveat: a part of mart.model_cell: those who changed municipality in the year before; not for
--   publication

CREATE TABLE mart.mover_cell AS
SELECT
    person_risk.outcome,
    person_risk.year,
    person_risk.municipality_code,
    COLUMNS(LAMBDA name: list_contains(getvariable('factors'), name)),  -- noqa: RF02
    count(*) AS n_persons,
    count(*) FILTER (WHERE person_risk.is_event) AS n_events,
    CAST(sum(person_risk.record_key) AS BIGINT) AS persons_key,
    CAST(
        coalesce(sum(person_risk.record_key) FILTER (WHERE person_risk.is_event), 0) AS BIGINT
    ) AS events_key
FROM mart.person_risk
SEMI JOIN core.person_snapshot
    ON
        person_risk.person_id = person_snapshot.person_id
        AND person_risk.year - 2 = person_snapshot.snapshot_year
        AND person_risk.municipality_code != person_snapshot.municipality_code
WHERE list_contains(getvariable('outcomes'), person_risk.outcome)
GROUP BY ALL
ORDER BY ALL;

COMMENT ON TABLE mart.mover_cell IS 'Cells of those at risk who changed municipality in the year before.';
COMMENT ON COLUMN mart.mover_cell.outcome IS 'Outcome; see codes.outcome.';
COMMENT ON COLUMN mart.mover_cell.year IS 'Year at risk.';
COMMENT ON COLUMN mart.mover_cell.municipality_code IS
'Municipality of residence on 31 December before.';
COMMENT ON COLUMN mart.mover_cell.n_persons IS 'Persons at risk of the outcome.';
COMMENT ON COLUMN mart.mover_cell.n_events IS 'Persons whom it came to in the year.';
COMMENT ON COLUMN mart.mover_cell.persons_key IS 'Sum of the record keys of n_persons.';
COMMENT ON COLUMN mart.mover_cell.events_key IS 'Sum of the record keys of n_events.';
