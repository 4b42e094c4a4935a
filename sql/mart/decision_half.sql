-- object: mart.decision_half
-- grain: one row per case type, municipality that decided, year of decision and half of the persons
-- key: case_type, municipality_code, year, half
-- units: decisions, days
-- source: Ankestyrelsen
-- reads: core.decision
-- caveat: the half is the parity of a digit of the person's record key, so that all of a person is in
--   one; counts of few persons; not for publication

CREATE TABLE mart.decision_half AS
WITH keyed AS (
    SELECT
        decision.case_type,
        decision.municipality_code,
        CAST(year(decision.decision_date) AS INTEGER) AS year,
        decision.decision,
        decision.processing_days,
        decision.diagnosis_group,
        record_key(decision.person_id) AS record_key
    FROM core.decision
)

SELECT
    keyed.case_type,
    keyed.municipality_code,
    keyed.year,
    record_half(keyed.record_key) AS half,
    count(*) AS n_decisions,
    count(*) FILTER (WHERE keyed.decision = 'grant') AS n_grants,
    count(*) FILTER (WHERE keyed.decision = 'refusal') AS n_refusals,
    count(*) FILTER (
        WHERE keyed.decision = 'grant' AND keyed.diagnosis_group = 'mental'
    ) AS n_mental,
    count(keyed.processing_days) AS n_timed,
    CAST(coalesce(sum(keyed.processing_days), 0) AS BIGINT) AS processing_days,
    CAST(sum(keyed.record_key) AS BIGINT) AS decisions_key,
    CAST(
        coalesce(sum(keyed.record_key) FILTER (WHERE keyed.decision = 'grant'), 0) AS BIGINT
    ) AS grants_key,
    CAST(
        coalesce(sum(keyed.record_key) FILTER (WHERE keyed.decision = 'refusal'), 0) AS BIGINT
    ) AS refusals_key,
    CAST(
        coalesce(
            sum(keyed.record_key) FILTER (
                WHERE keyed.decision = 'grant' AND keyed.diagnosis_group = 'mental'
            ), 0
        ) AS BIGINT
    ) AS mental_key
FROM keyed
GROUP BY ALL
ORDER BY ALL;

COMMENT ON TABLE mart.decision_half IS
'Decisions, days, refusals and mental grants of each municipality by two halves of the persons.';
COMMENT ON COLUMN mart.decision_half.case_type IS 'FP disability pension, FJ flexjob.';
COMMENT ON COLUMN mart.decision_half.municipality_code IS 'Municipality of today that decided.';
COMMENT ON COLUMN mart.decision_half.year IS 'Year of decision.';
COMMENT ON COLUMN mart.decision_half.half IS '0 or 1, by the record key of the person.';
COMMENT ON COLUMN mart.decision_half.n_decisions IS 'Decisions.';
COMMENT ON COLUMN mart.decision_half.n_grants IS 'Grants among them.';
COMMENT ON COLUMN mart.decision_half.n_refusals IS 'Refusals among them.';
COMMENT ON COLUMN mart.decision_half.n_mental IS 'Grants with a mental main diagnosis.';
COMMENT ON COLUMN mart.decision_half.n_timed IS 'Decisions with a date of application.';
COMMENT ON COLUMN mart.decision_half.processing_days IS
'Days from application to decision, sum over n_timed.';
COMMENT ON COLUMN mart.decision_half.decisions_key IS 'Sum of the record keys of n_decisions.';
COMMENT ON COLUMN mart.decision_half.grants_key IS 'Sum of the record keys of n_grants.';
COMMENT ON COLUMN mart.decision_half.refusals_key IS 'Sum of the record keys of n_refusals.';
COMMENT ON COLUMN mart.decision_half.mental_key IS 'Sum of the record keys of n_mental.';
