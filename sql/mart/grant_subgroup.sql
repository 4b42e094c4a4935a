-- object: mart.grant_subgroup
-- grain: one row per outcome, year, municipality, factor levels, part of a diagnosis group, half of
--   the persons and municipality of decision
-- key: none
-- units: grants
-- source: mart.person_risk, mart.person_outcome
-- reads: mart.person_risk, mart.person_outcome
-- caveat: the half is the parity of a digit of the person's record key; counts of few persons; not
--   for publication

CREATE TABLE mart.grant_subgroup AS
SELECT
    person_risk.outcome,
    person_risk.year,
    person_risk.municipality_code,
    COLUMNS(LAMBDA name: list_contains(getvariable('factors'), name)),  -- noqa: RF02
    person_outcome.diagnosis_subgroup,
    record_half(person_risk.record_key) AS half,
    person_risk.decision_municipality_code,
    count(*) AS n_events,
    CAST(sum(person_risk.record_key) AS BIGINT) AS events_key
FROM mart.person_risk
INNER JOIN mart.person_outcome
    ON
        person_risk.person_id = person_outcome.person_id
        AND person_risk.outcome = person_outcome.outcome
WHERE
    person_risk.is_event
    AND list_contains(getvariable('outcomes'), person_risk.outcome)
GROUP BY ALL
ORDER BY ALL;

COMMENT ON TABLE mart.grant_subgroup IS
'Events per cell of the model, diagnosis inside the main group and half of the persons.';
COMMENT ON COLUMN mart.grant_subgroup.outcome IS 'Outcome; see codes.outcome.';
COMMENT ON COLUMN mart.grant_subgroup.year IS 'Year at risk.';
COMMENT ON COLUMN mart.grant_subgroup.municipality_code IS
'Municipality of residence on 31 December before.';
COMMENT ON COLUMN mart.grant_subgroup.diagnosis_subgroup IS
'Part of the main diagnosis group; see codes.diagnosis_subgroup.';
COMMENT ON COLUMN mart.grant_subgroup.half IS '0 or 1, by the record key of the person.';
COMMENT ON COLUMN mart.grant_subgroup.decision_municipality_code IS
'Municipality that decided, else that of residence.';
COMMENT ON COLUMN mart.grant_subgroup.n_events IS 'Persons whom the outcome came to in the year.';
COMMENT ON COLUMN mart.grant_subgroup.events_key IS 'Sum of the record keys of n_events.';
