-- object: mart.person_year
-- grain: one row per person at risk of any outcome and year
-- key: person_id, year
-- units: none
-- source: all registers
-- reads: mart.resident_year, mart.benefit_history, mart.health_history, core.first_grant
-- caveat: a year of tenure is 52 weeks; factors are of 31 December before the year at risk

CREATE TABLE mart.person_year AS
WITH grant_date AS (
    SELECT
        first_grant.person_id,
        max(first_grant.grant_year) FILTER (WHERE first_grant.outcome = 'FP') AS fp_year,
        max(first_grant.grant_year) FILTER (WHERE first_grant.outcome = 'FJ') AS fj_year,
        max(first_grant.diagnosis_group) FILTER (WHERE first_grant.outcome = 'FP') AS fp_diagnosis,
        max(first_grant.diagnosis_group) FILTER (WHERE first_grant.outcome = 'FJ') AS fj_diagnosis,
        max(first_grant.diagnosis_group)
        FILTER (WHERE first_grant.outcome = 'ANY') AS any_diagnosis
    FROM core.first_grant
    GROUP BY first_grant.person_id
),

person AS (
    SELECT
        resident_year.person_id,
        resident_year.year,
        resident_year.municipality_code,
        resident_year.age_band,
        resident_year.sex,
        resident_year.education,
        resident_year.origin,
        resident_year.family,
        coalesce(benefit_history.last_week_state, 'none') AS last_week_state,
        coalesce(benefit_history.cash_benefit_weeks, 0) AS cash_benefit_weeks,
        coalesce(benefit_history.sickness_benefit_weeks, 0) AS sickness_benefit_weeks,
        coalesce(health_history.has_mental_diagnosis, FALSE) AS has_mental_diagnosis,
        coalesce(health_history.has_psychotropic, FALSE) AS has_psychotropic,
        coalesce(health_history.has_musculoskeletal_diagnosis, FALSE) AS has_musculoskeletal,
        coalesce(health_history.has_other_serious_diagnosis, FALSE) AS has_other_serious,
        coalesce(health_history.n_gp_contacts, 0) AS n_gp_contacts,
        coalesce(benefit_history.has_disability_pension, FALSE)
        OR coalesce(grant_date.fp_year < resident_year.year, FALSE) AS has_had_fp,
        coalesce(benefit_history.has_flexjob, FALSE)
        OR coalesce(grant_date.fj_year < resident_year.year, FALSE) AS has_had_fj,
        coalesce(grant_date.fp_year = resident_year.year, FALSE) AS is_fp_granted,
        coalesce(grant_date.fj_year = resident_year.year, FALSE) AS is_fj_granted,
        grant_date.fp_diagnosis,
        grant_date.fj_diagnosis,
        grant_date.any_diagnosis
    FROM mart.resident_year
    LEFT JOIN mart.benefit_history
        ON
            resident_year.person_id = benefit_history.person_id
            AND resident_year.year = benefit_history.year
    LEFT JOIN mart.health_history
        ON
            resident_year.person_id = health_history.person_id
            AND resident_year.year = health_history.year
    LEFT JOIN grant_date ON resident_year.person_id = grant_date.person_id
)

SELECT
    person.person_id,
    person.year,
    person.municipality_code,
    person.age_band,
    person.sex,
    person.education,
    person.origin,
    person.family,
    CASE
        WHEN person.last_week_state IN ('none', 'student_grant') THEN 'self_supporting'
        WHEN person.last_week_state = 'unemployment' THEN 'unemployment'
        WHEN person.last_week_state IN ('cash_benefit', 'education_benefit') THEN 'cash_benefit'
        WHEN person.last_week_state = 'sickness_benefit' THEN 'sickness'
        WHEN person.last_week_state = 'rehabilitation' THEN 'rehabilitation'
        WHEN person.last_week_state IN ('flexjob', 'flexjob_unemployment') THEN 'flexjob'
        ELSE 'other'
    END AS labour_status,
    CASE
        WHEN person.cash_benefit_weeks = 0 THEN 'none'
        WHEN person.cash_benefit_weeks <= 52 THEN 'up_to_1'
        WHEN person.cash_benefit_weeks <= 104 THEN '1_to_2'
        WHEN person.cash_benefit_weeks <= 260 THEN '2_to_5'
        ELSE 'over_5'
    END AS tenure_band,
    CASE
        WHEN person.sickness_benefit_weeks = 0 THEN 'none'
        WHEN person.sickness_benefit_weeks <= 26 THEN 'up_to_26'
        ELSE 'over_26'
    END AS sickness_weeks_band,
    CASE
        WHEN person.has_mental_diagnosis THEN 'diagnosis'
        WHEN person.has_psychotropic THEN 'psychotropic'
        ELSE 'none'
    END AS mental_health,
    CASE
        WHEN person.has_musculoskeletal THEN 'musculoskeletal'
        WHEN person.has_other_serious THEN 'other_serious'
        ELSE 'none'
    END AS somatic_health,
    CASE
        WHEN person.n_gp_contacts <= 3 THEN 'low'
        WHEN person.n_gp_contacts <= 11 THEN 'medium'
        ELSE 'high'
    END AS gp_contacts_band,
    TRUE AS is_at_risk_fp,
    NOT person.has_had_fj AS is_at_risk_fj,
    NOT person.has_had_fj AS is_at_risk_any,
    person.is_fp_granted AS event_fp,
    NOT person.has_had_fj AND person.is_fj_granted AS event_fj,
    NOT person.has_had_fj AND (person.is_fp_granted OR person.is_fj_granted) AS event_any,
    CASE WHEN person.is_fp_granted THEN person.fp_diagnosis END AS diagnosis_fp,
    CASE
        WHEN NOT person.has_had_fj AND person.is_fj_granted THEN person.fj_diagnosis
    END AS diagnosis_fj,
    CASE
        WHEN NOT person.has_had_fj AND (person.is_fp_granted OR person.is_fj_granted)
            THEN person.any_diagnosis
    END AS diagnosis_any,
    -- The last four characters of the pseudonym as a number of base 62.
    CAST(
        (strpos(getvariable('record_letters'), substr(person.person_id, 9, 1)) - 1) * 238328
        + (strpos(getvariable('record_letters'), substr(person.person_id, 10, 1)) - 1) * 3844
        + (strpos(getvariable('record_letters'), substr(person.person_id, 11, 1)) - 1) * 62
        + (strpos(getvariable('record_letters'), substr(person.person_id, 12, 1)) - 1) AS INTEGER
    ) AS record_key
FROM person
WHERE
    NOT person.has_had_fp
    -- Whose last week has a code of no list cannot be placed: it may be a pension.
    AND person.last_week_state NOT IN ('early_retirement', 'old_age_pension', 'unknown')
ORDER BY person.year, person.person_id;

COMMENT ON TABLE mart.person_year IS
'The risk set: persons at risk of disability pension or flexjob, with factors and outcomes.';
COMMENT ON COLUMN mart.person_year.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN mart.person_year.year IS 'Year at risk.';
COMMENT ON COLUMN mart.person_year.municipality_code IS
'Municipality of residence on 31 December before.';
COMMENT ON COLUMN mart.person_year.age_band IS 'Age on 31 December before, full years.';
COMMENT ON COLUMN mart.person_year.sex IS 'male or female.';
COMMENT ON COLUMN mart.person_year.education IS 'Highest completed education.';
COMMENT ON COLUMN mart.person_year.origin IS 'danish, immigrant or descendant.';
COMMENT ON COLUMN mart.person_year.family IS 'Married or not, children under 18 at home or not.';
COMMENT ON COLUMN mart.person_year.labour_status IS
'Benefit in the last ISO week of the year before; self_supporting when none or student grant.';
COMMENT ON COLUMN mart.person_year.tenure_band IS
'Cumulative years on cash or education benefit in the look-back; 52 weeks are a year.';
COMMENT ON COLUMN mart.person_year.sickness_weeks_band IS
'Weeks on sickness benefit in the year before.';
COMMENT ON COLUMN mart.person_year.mental_health IS
'Mental diagnosis in the look-back, else psychotropic drugs in the year before.';
COMMENT ON COLUMN mart.person_year.somatic_health IS
'Somatic diagnosis in the look-back; musculoskeletal before other serious.';
COMMENT ON COLUMN mart.person_year.gp_contacts_band IS
'Services in general practice in the ISO year before.';
COMMENT ON COLUMN mart.person_year.is_at_risk_fp IS
'No disability pension before; no early retirement, old-age pension or unknown benefit at year-end.';
COMMENT ON COLUMN mart.person_year.is_at_risk_fj IS 'At risk of FP and no flexjob before.';
COMMENT ON COLUMN mart.person_year.is_at_risk_any IS 'At risk of both FP and FJ.';
COMMENT ON COLUMN mart.person_year.event_fp IS 'First FP grant decided in the year.';
COMMENT ON COLUMN mart.person_year.event_fj IS 'First FJ grant decided in the year.';
COMMENT ON COLUMN mart.person_year.event_any IS 'First grant of either decided in the year.';
COMMENT ON COLUMN mart.person_year.diagnosis_fp IS 'Main diagnosis group of the FP grant.';
COMMENT ON COLUMN mart.person_year.diagnosis_fj IS 'Main diagnosis group of the FJ grant.';
COMMENT ON COLUMN mart.person_year.diagnosis_any IS
'Main diagnosis group of the first grant; on one date that of FP.';
COMMENT ON COLUMN mart.person_year.record_key IS
'Record key of the person, 0 to 62^4 - 1: decides the noise of published counts.';
