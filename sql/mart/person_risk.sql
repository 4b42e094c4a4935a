-- object: mart.person_risk
-- grain: one row per person at risk of an outcome and year
-- key: person_id, year, outcome
-- follows: mart.person_year, codes.outcome, mart.risk_end, mart.person_outcome
-- units: none
-- source: all registers
-- reads: mart.person_year, mart.risk_end, mart.person_outcome, codes.outcome
-- caveat: a view; with all columns of mart.person_year, so its factors follow the benchmark

CREATE VIEW mart.person_risk AS
SELECT
    person_year.*,  -- noqa: AM04
    outcome.outcome,
    coalesce(person_outcome.outcome_year = person_year.year, FALSE) AS is_event,
    CASE
        WHEN person_outcome.outcome_year = person_year.year THEN person_outcome.diagnosis_group
    END AS diagnosis_group,
    -- DREAM tells no decision: what it tells counts where the person lives.
    CASE
        WHEN person_outcome.outcome_year = person_year.year
            THEN coalesce(person_outcome.municipality_code, person_year.municipality_code)
    END AS decision_municipality_code
FROM mart.person_year
CROSS JOIN codes.outcome
LEFT JOIN mart.risk_end
    ON person_year.person_id = risk_end.person_id AND outcome.outcome = risk_end.outcome
LEFT JOIN mart.person_outcome
    ON
        person_year.person_id = person_outcome.person_id
        AND outcome.outcome = person_outcome.outcome
WHERE risk_end.last_year IS NULL OR person_year.year <= risk_end.last_year;

COMMENT ON VIEW mart.person_risk IS
'Persons at risk of each outcome, with factors and whether it came to them in the year.';
COMMENT ON COLUMN mart.person_risk.outcome IS 'Outcome; see codes.outcome.';
COMMENT ON COLUMN mart.person_risk.is_event IS 'The outcome came to the person in the year.';
COMMENT ON COLUMN mart.person_risk.diagnosis_group IS 'Main diagnosis group of the event.';
COMMENT ON COLUMN mart.person_risk.decision_municipality_code IS
'Municipality that decided, else that of residence.';
