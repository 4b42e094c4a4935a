-- object: mart.person_risk
-- grain: one row per person at risk of an outcome and year
-- key: person_id, year, outcome
-- follows: mart.person_year, codes.outcome, mart.risk_change
-- units: none
-- source: all registers
-- reads: mart.person_year, mart.risk_change, codes.outcome
-- caveat: a view; with all columns of mart.person_year, so its factors follow the benchmark

CREATE VIEW mart.person_risk AS
SELECT
    person_year.*,  -- noqa: AM04
    outcome.outcome,
    coalesce(risk_change.is_event, FALSE) AS is_event,
    risk_change.diagnosis_group,
    risk_change.decision_municipality_code
FROM mart.person_year
CROSS JOIN codes.outcome
LEFT JOIN mart.risk_change
    ON
        person_year.person_id = risk_change.person_id
        AND person_year.year = risk_change.year
        AND outcome.outcome = risk_change.outcome
WHERE coalesce(risk_change.is_at_risk, TRUE);

COMMENT ON VIEW mart.person_risk IS
'Persons at risk of each outcome, with factors and whether it came to them in the year.';
COMMENT ON COLUMN mart.person_risk.outcome IS 'Outcome; see codes.outcome.';
COMMENT ON COLUMN mart.person_risk.is_event IS 'The outcome came to the person in the year.';
COMMENT ON COLUMN mart.person_risk.diagnosis_group IS 'Main diagnosis group of the event.';
COMMENT ON COLUMN mart.person_risk.decision_municipality_code IS
'Municipality that decided, else that of residence.';
