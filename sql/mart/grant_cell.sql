-- object: mart.grant_cell
-- grain: one row per outcome, year, municipality, factor levels, diagnosis group and municipality
--   of decision
-- key: none
-- units: grants
-- source: mart.person_risk
-- reads: mart.person_risk
-- caveat: counts of few persons; not for publication

CREATE TABLE mart.grant_cell AS
SELECT
    person_risk.outcome,
    person_risk.year,
    person_risk.municipality_code,
    COLUMNS(LAMBDA name: list_contains(getvariable('factors'), name)),
    person_risk.diagnosis_group,
    person_risk.decision_municipality_code,
    count(*) AS n_events,
    CAST(sum(person_risk.record_key) AS BIGINT) AS events_key
FROM mart.person_risk
WHERE
    person_risk.is_event
    AND list_contains(getvariable('outcomes'), person_risk.outcome)
GROUP BY ALL
ORDER BY ALL;

COMMENT ON TABLE mart.grant_cell IS 'Events per cell of the model and main diagnosis.';
COMMENT ON COLUMN mart.grant_cell.outcome IS 'Outcome; see codes.outcome.';
COMMENT ON COLUMN mart.grant_cell.year IS 'Year at risk.';
COMMENT ON COLUMN mart.grant_cell.municipality_code IS
'Municipality of residence on 31 December before.';
COMMENT ON COLUMN mart.grant_cell.diagnosis_group IS 'Main diagnosis group of the grant.';
COMMENT ON COLUMN mart.grant_cell.decision_municipality_code IS
'Municipality that decided, else that of residence.';
COMMENT ON COLUMN mart.grant_cell.n_events IS 'Persons whom the outcome came to in the year.';
COMMENT ON COLUMN mart.grant_cell.events_key IS 'Sum of the record keys of n_events.';
