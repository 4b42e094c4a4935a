-- object: mart.model_cell
-- grain: one row per outcome, year, municipality and combination of factor levels
-- key: none
-- units: persons, grants
-- source: mart.person_risk
-- reads: mart.person_risk
-- caveat: counts of few persons; not for publication

CREATE TABLE mart.model_cell AS
SELECT
    person_risk.outcome,
    person_risk.year,
    person_risk.municipality_code,
    COLUMNS(LAMBDA name: list_contains(getvariable('factors'), name)),
    count(*) AS n_persons,
    count(*) FILTER (WHERE person_risk.is_event) AS n_events,
    CAST(sum(person_risk.record_key) AS BIGINT) AS persons_key,
    CAST(
        coalesce(sum(person_risk.record_key) FILTER (WHERE person_risk.is_event), 0) AS BIGINT
    ) AS events_key
FROM mart.person_risk
WHERE list_contains(getvariable('outcomes'), person_risk.outcome)
GROUP BY ALL
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
