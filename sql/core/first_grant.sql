-- object: core.first_grant
-- grain: one row per person and outcome
-- key: person_id, outcome
-- units: none
-- source: Ankestyrelsen
-- reads: core.decision
-- caveat: first in the data, by decision date; for ANY on one date FP comes before FJ

CREATE TABLE core.first_grant AS
WITH grant_decision AS (
    SELECT
        decision.person_id,
        decision.case_type,
        decision.decision_date,
        decision.diagnosis_group,
        decision.municipality_code
    FROM core.decision
    WHERE decision.decision = 'grant'
),

candidate AS (
    SELECT
        grant_decision.person_id,
        grant_decision.case_type AS outcome,
        grant_decision.case_type,
        grant_decision.decision_date,
        grant_decision.diagnosis_group,
        grant_decision.municipality_code
    FROM grant_decision
    UNION ALL
    SELECT
        grant_decision.person_id,
        'ANY' AS outcome,
        grant_decision.case_type,
        grant_decision.decision_date,
        grant_decision.diagnosis_group,
        grant_decision.municipality_code
    FROM grant_decision
)

SELECT
    candidate.person_id,
    candidate.outcome,
    candidate.case_type,
    candidate.decision_date AS grant_date,
    CAST(year(candidate.decision_date) AS INTEGER) AS grant_year,
    candidate.diagnosis_group,
    candidate.municipality_code
FROM candidate
QUALIFY
    row_number() OVER (
        PARTITION BY candidate.person_id, candidate.outcome
        ORDER BY candidate.decision_date, candidate.case_type = 'FP' DESC
    ) = 1;

COMMENT ON TABLE core.first_grant IS 'First grant of each outcome per person.';
COMMENT ON COLUMN core.first_grant.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN core.first_grant.outcome IS 'FP, FJ, or ANY for the first of either.';
COMMENT ON COLUMN core.first_grant.case_type IS 'FP or FJ: what was granted.';
COMMENT ON COLUMN core.first_grant.grant_date IS 'Date of decision.';
COMMENT ON COLUMN core.first_grant.grant_year IS 'Calendar year of the decision.';
COMMENT ON COLUMN core.first_grant.diagnosis_group IS 'Main diagnosis group of the grant.';
COMMENT ON COLUMN core.first_grant.municipality_code IS 'Municipality that decided.';
