-- object: mart.risk_change
-- grain: one row per person, year at risk and outcome that came to them then or had ended their risk
-- key: person_id, year, outcome
-- units: none
-- source: Ankestyrelsen; STAR, DREAM
-- reads: mart.person_year, mart.risk_end, mart.person_outcome
-- caveat: what sets someone's risk of one outcome apart from that of others: without a row one is at
--   risk, and it does not come

CREATE TABLE mart.risk_change AS
WITH ended AS (
    SELECT
        coalesce(risk_end.person_id, person_outcome.person_id) AS person_id,
        coalesce(risk_end.outcome, person_outcome.outcome) AS outcome,
        risk_end.last_year,
        person_outcome.outcome_year,
        person_outcome.diagnosis_group,
        person_outcome.municipality_code
    FROM mart.risk_end
    FULL OUTER JOIN mart.person_outcome
        ON
            risk_end.person_id = person_outcome.person_id
            AND risk_end.outcome = person_outcome.outcome
),

placed AS (
    SELECT
        person_year.person_id,
        person_year.year,
        ended.outcome,
        coalesce(person_year.year <= ended.last_year, TRUE) AS is_at_risk,
        coalesce(person_year.year = ended.outcome_year, FALSE) AS is_of_year,
        ended.diagnosis_group,
        -- DREAM tells no decision: what it tells counts where the person lives.
        coalesce(ended.municipality_code, person_year.municipality_code) AS municipality_code
    FROM mart.person_year
    INNER JOIN ended ON person_year.person_id = ended.person_id
)

SELECT
    placed.person_id,
    placed.year,
    placed.outcome,
    placed.is_at_risk,
    placed.is_at_risk AND placed.is_of_year AS is_event,
    CASE WHEN placed.is_at_risk AND placed.is_of_year THEN placed.diagnosis_group END
        AS diagnosis_group,
    CASE WHEN placed.is_at_risk AND placed.is_of_year THEN placed.municipality_code END
        AS decision_municipality_code
FROM placed
WHERE placed.is_of_year OR NOT placed.is_at_risk;

COMMENT ON TABLE mart.risk_change IS
'Who is no longer at risk of an outcome, or has it in the year; of all others nothing happens.';
COMMENT ON COLUMN mart.risk_change.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN mart.risk_change.year IS 'Year at risk.';
COMMENT ON COLUMN mart.risk_change.outcome IS 'Outcome; see codes.outcome.';
COMMENT ON COLUMN mart.risk_change.is_at_risk IS 'Still at risk of the outcome in the year.';
COMMENT ON COLUMN mart.risk_change.is_event IS 'At risk, and the outcome came in the year.';
COMMENT ON COLUMN mart.risk_change.diagnosis_group IS 'Main diagnosis group of the event.';
COMMENT ON COLUMN mart.risk_change.decision_municipality_code IS
'Municipality that decided the event, else that of residence.';
