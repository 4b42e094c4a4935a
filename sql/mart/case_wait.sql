-- object: mart.case_wait
-- grain: one row per case type, municipality, year of application, half of the persons and weeks waited
-- key: case_type, municipality_code, year, half, wait_weeks
-- units: cases, weeks
-- source: Ankestyrelsen; municipalities for applications that are not decided
-- reads: core.decision, core.pending_application
-- caveat: who was not decided has waited the weeks so far; three years and more count as three years;
--   counts of few persons; not for publication

CREATE TABLE mart.case_wait AS
WITH keyed AS (
    SELECT
        decision.case_type,
        decision.municipality_code,
        CAST(year(decision.application_date) AS INTEGER) AS year,
        decision.processing_days AS days,
        TRUE AS is_decided,
        record_key(decision.person_id) AS record_key
    FROM core.decision
    WHERE decision.processing_days >= 0
    UNION ALL
    SELECT
        pending_application.case_type,
        pending_application.municipality_code,
        CAST(year(pending_application.application_date) AS INTEGER) AS year,
        pending_application.waits_on_date - pending_application.application_date AS days,
        FALSE AS is_decided,
        record_key(pending_application.person_id) AS record_key
    FROM core.pending_application
)

SELECT
    keyed.case_type,
    keyed.municipality_code,
    keyed.year,
    record_half(keyed.record_key) AS half,
    CAST(least(keyed.days // 7, 156) AS INTEGER) AS wait_weeks,
    count(*) FILTER (WHERE keyed.is_decided) AS n_decided,
    count(*) FILTER (WHERE NOT keyed.is_decided) AS n_undecided,
    CAST(
        coalesce(sum(keyed.record_key) FILTER (WHERE keyed.is_decided), 0) AS BIGINT
    ) AS decided_key,
    CAST(
        coalesce(sum(keyed.record_key) FILTER (WHERE NOT keyed.is_decided), 0) AS BIGINT
    ) AS undecided_key
FROM keyed
GROUP BY ALL
ORDER BY ALL;

COMMENT ON TABLE mart.case_wait IS
'How many weeks the cases begun in a year waited for a decision, or wait for one.';
COMMENT ON COLUMN mart.case_wait.case_type IS 'FP disability pension, FJ flexjob.';
COMMENT ON COLUMN mart.case_wait.municipality_code IS 'Municipality of today that has the case.';
COMMENT ON COLUMN mart.case_wait.year IS 'Year of application.';
COMMENT ON COLUMN mart.case_wait.half IS '0 or 1, by the record key of the person.';
COMMENT ON COLUMN mart.case_wait.wait_weeks IS 'Whole weeks waited, 156 for three years and more.';
COMMENT ON COLUMN mart.case_wait.n_decided IS 'Cases decided after so many weeks.';
COMMENT ON COLUMN mart.case_wait.n_undecided IS 'Cases that have waited so long and are undecided.';
COMMENT ON COLUMN mart.case_wait.decided_key IS 'Sum of the record keys of n_decided.';
COMMENT ON COLUMN mart.case_wait.undecided_key IS 'Sum of the record keys of n_undecided.';
