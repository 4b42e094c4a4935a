-- object: mart.person_year
-- grain: one row per person and year at risk
-- key: person_id, year
-- units: none
-- source: all registers
-- reads: mart.resident_year, mart.benefit_history, mart.health_history, mart.risk_end
-- caveat: a year of tenure is 52 weeks; factors are of 31 December before the year at risk

CREATE TABLE mart.person_year AS
WITH person AS (
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
        coalesce(health_history.n_gp_contacts, 0) AS n_gp_contacts
    FROM mart.resident_year
    LEFT JOIN mart.benefit_history
        ON
            resident_year.person_id = benefit_history.person_id
            AND resident_year.year = benefit_history.year
    LEFT JOIN mart.health_history
        ON
            resident_year.person_id = health_history.person_id
            AND resident_year.year = health_history.year
    -- Who had an outcome after which nobody is at risk of any.
    ANTI JOIN mart.risk_end
        ON
            resident_year.person_id = risk_end.person_id
            AND resident_year.year > risk_end.last_year
            AND list_contains(getvariable('excluded_outcomes'), risk_end.outcome)
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
    list_extract(
        getvariable('tenure_band_levels'),
        1 + len(
            list_filter(
                getvariable('tenure_band_edges'), LAMBDA edge: person.cash_benefit_weeks > 52 * edge
            )
        )
    ) AS tenure_band,
    list_extract(
        getvariable('sickness_weeks_band_levels'),
        1 + len(
            list_filter(
                getvariable('sickness_weeks_band_edges'),
                LAMBDA edge: person.sickness_benefit_weeks > edge
            )
        )
    ) AS sickness_weeks_band,
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
    list_extract(
        getvariable('gp_contacts_band_levels'),
        1 + len(
            list_filter(
                getvariable('gp_contacts_band_edges'), LAMBDA edge: person.n_gp_contacts >= edge
            )
        )
    ) AS gp_contacts_band,
    -- The last four characters of the pseudonym as a number of base 62.
    CAST(
        (strpos(getvariable('record_letters'), substr(person.person_id, 9, 1)) - 1) * 238328
        + (strpos(getvariable('record_letters'), substr(person.person_id, 10, 1)) - 1) * 3844
        + (strpos(getvariable('record_letters'), substr(person.person_id, 11, 1)) - 1) * 62
        + (strpos(getvariable('record_letters'), substr(person.person_id, 12, 1)) - 1) AS INTEGER
    ) AS record_key
FROM person
-- Whose last week has a code of no list cannot be placed: it may be a pension.
WHERE
    NOT list_contains(getvariable('excluded_states'), person.last_week_state)
    AND person.last_week_state != 'unknown'
ORDER BY person.year, person.person_id;

COMMENT ON TABLE mart.person_year IS
'The risk set: persons at risk, with factors. Of which outcome is in mart.person_risk.';
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
COMMENT ON COLUMN mart.person_year.record_key IS
'Record key of the person, 0 to 62^4 - 1: decides the noise of published counts.';
