-- object: mart.case_month
-- grain: one row per case type, municipality that decided and month with an application or decision
-- key: case_type, municipality_code, year, month
-- units: cases, days
-- source: Ankestyrelsen; municipalities for applications that are not decided
-- reads: core.decision, core.pending_application
-- caveat: without the optional register of applications the last months lack those still waiting;
--   days above three years count as three years; not for publication

CREATE TABLE mart.case_month AS
WITH keyed AS (
    SELECT
        decision.case_type,
        decision.municipality_code,
        decision.application_date,
        decision.decision_date,
        least(decision.processing_days, 1096) AS processing_days,
        record_key(decision.person_id) AS record_key
    FROM core.decision
    WHERE decision.application_date IS NOT NULL
),

step AS (
    SELECT
        keyed.case_type,
        keyed.municipality_code,
        keyed.application_date AS step_date,
        1 AS n_applications,
        keyed.record_key AS applications_key,
        0 AS n_undecided,
        0 AS n_decisions,
        0 AS decisions_key,
        0 AS processing_days
    FROM keyed
    UNION ALL
    SELECT
        pending_application.case_type,
        pending_application.municipality_code,
        pending_application.application_date AS step_date,
        1 AS n_applications,
        record_key(pending_application.person_id) AS applications_key,
        1 AS n_undecided,
        0 AS n_decisions,
        0 AS decisions_key,
        0 AS processing_days
    FROM core.pending_application
    UNION ALL
    SELECT
        keyed.case_type,
        keyed.municipality_code,
        keyed.decision_date AS step_date,
        0 AS n_applications,
        0 AS applications_key,
        0 AS n_undecided,
        1 AS n_decisions,
        keyed.record_key AS decisions_key,
        keyed.processing_days
    FROM keyed
)

SELECT
    step.case_type,
    step.municipality_code,
    CAST(year(step.step_date) AS INTEGER) AS year,
    CAST(month(step.step_date) AS INTEGER) AS month,
    CAST(sum(step.n_applications) AS BIGINT) AS n_applications,
    CAST(sum(step.n_undecided) AS BIGINT) AS n_undecided,
    CAST(sum(step.n_decisions) AS BIGINT) AS n_decisions,
    CAST(sum(step.processing_days) AS BIGINT) AS processing_days,
    CAST(sum(step.processing_days * step.processing_days) AS BIGINT) AS processing_days_squared,
    CAST(sum(step.applications_key) AS BIGINT) AS applications_key,
    CAST(sum(step.decisions_key) AS BIGINT) AS decisions_key
FROM step
GROUP BY ALL
ORDER BY ALL;

COMMENT ON TABLE mart.case_month IS 'Applications and decisions of each municipality by month.';
COMMENT ON COLUMN mart.case_month.case_type IS 'FP disability pension, FJ flexjob.';
COMMENT ON COLUMN mart.case_month.municipality_code IS 'Municipality of today that decided.';
COMMENT ON COLUMN mart.case_month.year IS 'Calendar year of the month.';
COMMENT ON COLUMN mart.case_month.month IS 'Month, 1 to 12.';
COMMENT ON COLUMN mart.case_month.n_applications IS
'Cases begun in the month, decided later or not decided in the end.';
COMMENT ON COLUMN mart.case_month.n_undecided IS
'Of n_applications, those not decided in the end; 0 without the register of applications.';
COMMENT ON COLUMN mart.case_month.n_decisions IS 'Cases decided in the month.';
COMMENT ON COLUMN mart.case_month.processing_days IS
'Days from application to decision, sum over n_decisions.';
COMMENT ON COLUMN mart.case_month.processing_days_squared IS 'Sum of the squares of those days.';
COMMENT ON COLUMN mart.case_month.applications_key IS 'Sum of the record keys of n_applications.';
COMMENT ON COLUMN mart.case_month.decisions_key IS 'Sum of the record keys of n_decisions.';
