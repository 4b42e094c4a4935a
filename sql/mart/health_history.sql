-- object: mart.health_history
-- grain: one row per person with any contact or prescription and year at risk
-- key: person_id, year
-- units: services
-- source: LPR2, LMDB, SSSY
-- reads: mart.diagnosis_before, mart.prescription_before, core.primary_care_contact,
--   mart.year_at_risk
-- caveat: diagnoses of types A and B only; nobody without a row is known to be healthy

CREATE TABLE mart.health_history AS
WITH diagnosis AS (
    SELECT
        diagnosis_before.person_id,
        diagnosis_before.year,
        bool_or(diagnosis_before.diagnosis_group = 'mental') AS has_mental_diagnosis,
        bool_or(
            NOT diagnosis_before.is_psychiatric
            AND diagnosis_before.diagnosis_group = 'musculoskeletal'
        ) AS has_musculoskeletal_diagnosis,
        bool_or(
            NOT diagnosis_before.is_psychiatric
            AND diagnosis_before.diagnosis_group IN (
                'circulatory', 'nervous', 'neoplasm', 'respiratory', 'endocrine'
            )
        ) AS has_other_serious_diagnosis
    FROM mart.diagnosis_before
    GROUP BY diagnosis_before.person_id, diagnosis_before.year
),

psychotropic AS (
    SELECT DISTINCT
        prescription_before.person_id,
        prescription_before.year
    FROM mart.prescription_before
    WHERE prescription_before.is_psychotropic
),

general_practice AS (
    SELECT
        primary_care_contact.person_id,
        year_at_risk.year,
        CAST(sum(primary_care_contact.n_services) AS BIGINT) AS n_gp_contacts
    FROM core.primary_care_contact
    INNER JOIN mart.year_at_risk ON primary_care_contact.iso_year = year_at_risk.year - 1
    WHERE primary_care_contact.is_general_practice
    GROUP BY primary_care_contact.person_id, year_at_risk.year
)

SELECT
    coalesce(diagnosis.person_id, psychotropic.person_id, general_practice.person_id) AS person_id,
    coalesce(diagnosis.year, psychotropic.year, general_practice.year) AS year,
    coalesce(diagnosis.has_mental_diagnosis, FALSE) AS has_mental_diagnosis,
    psychotropic.person_id IS NOT NULL AS has_psychotropic,
    coalesce(diagnosis.has_musculoskeletal_diagnosis, FALSE) AS has_musculoskeletal_diagnosis,
    coalesce(diagnosis.has_other_serious_diagnosis, FALSE) AS has_other_serious_diagnosis,
    coalesce(general_practice.n_gp_contacts, 0) AS n_gp_contacts
FROM diagnosis
FULL OUTER JOIN psychotropic
    ON diagnosis.person_id = psychotropic.person_id AND diagnosis.year = psychotropic.year
FULL OUTER JOIN general_practice
    ON
        coalesce(diagnosis.person_id, psychotropic.person_id) = general_practice.person_id
        AND coalesce(diagnosis.year, psychotropic.year) = general_practice.year;

COMMENT ON TABLE mart.health_history IS 'Health care before each year at risk.';
COMMENT ON COLUMN mart.health_history.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN mart.health_history.year IS 'Year at risk.';
COMMENT ON COLUMN mart.health_history.has_mental_diagnosis IS
'Hospital diagnosis of a mental disorder in the look-back.';
COMMENT ON COLUMN mart.health_history.has_psychotropic IS
'Psychotropic drug dispensed in the year before.';
COMMENT ON COLUMN mart.health_history.has_musculoskeletal_diagnosis IS
'Somatic contact with a musculoskeletal diagnosis in the look-back.';
COMMENT ON COLUMN mart.health_history.has_other_serious_diagnosis IS
'Somatic contact with another serious diagnosis in the look-back.';
COMMENT ON COLUMN mart.health_history.n_gp_contacts IS
'Services in general practice in the ISO year before.';
