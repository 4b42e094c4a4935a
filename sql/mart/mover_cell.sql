-- object: mart.mover_cell
-- grain: one row per outcome, year, municipality, the one before, and combination of factor levels
-- key: none
-- units: persons, grants
-- source: mart.person_risk, BEF
-- reads: mart.person_risk, core.person_snapshot
-- caveat: a part of mart.model_cell: those who changed municipality in the year before; not for
--   publication

CREATE TABLE mart.mover_cell AS
WITH residence AS (
    SELECT
        person_id,
        snapshot_year,
        municipality_code AS origin_municipality_code
    FROM core.person_snapshot
)

SELECT
    person_risk.outcome,
    person_risk.year,
    person_risk.municipality_code,
    residence.origin_municipality_code,
    COLUMNS(LAMBDA name: list_contains(getvariable('factors'), name)),  -- noqa: RF02
    count(*) AS n_persons,
    count(*) FILTER (WHERE person_risk.is_event) AS n_events,
    CAST(sum(person_risk.record_key) AS BIGINT) AS persons_key,
    CAST(
        coalesce(sum(person_risk.record_key) FILTER (WHERE person_risk.is_event), 0) AS BIGINT
    ) AS events_key
FROM mart.person_risk
INNER JOIN residence
    ON
        person_risk.person_id = residence.person_id
        AND person_risk.year - 2 = residence.snapshot_year
        AND person_risk.municipality_code != residence.origin_municipality_code
WHERE list_contains(getvariable('outcomes'), person_risk.outcome)
GROUP BY ALL
ORDER BY ALL;

COMMENT ON TABLE mart.mover_cell IS 'Cells of those at risk who changed municipality in the year before.';
COMMENT ON COLUMN mart.mover_cell.outcome IS 'Outcome; see codes.outcome.';
COMMENT ON COLUMN mart.mover_cell.year IS 'Year at risk.';
COMMENT ON COLUMN mart.mover_cell.municipality_code IS
'Municipality of residence on 31 December before.';
COMMENT ON COLUMN mart.mover_cell.origin_municipality_code IS
'Municipality of residence a year earlier, as it is called today.';
COMMENT ON COLUMN mart.mover_cell.n_persons IS 'Persons at risk of the outcome.';
COMMENT ON COLUMN mart.mover_cell.n_events IS 'Persons whom it came to in the year.';
COMMENT ON COLUMN mart.mover_cell.persons_key IS 'Sum of the record keys of n_persons.';
COMMENT ON COLUMN mart.mover_cell.events_key IS 'Sum of the record keys of n_events.';
