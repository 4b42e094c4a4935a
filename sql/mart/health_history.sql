-- object: mart.health_history
-- grain: one row per person with any contact or prescription and year at risk
-- key: person_id, year
-- units: services
-- source: LPR2, LMDB, SSSY
-- reads: mart.diagnosis_before, mart.care_before
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
)

SELECT
    coalesce(diagnosis.person_id, care_before.person_id) AS person_id,
    coalesce(diagnosis.year, care_before.year) AS year,
    coalesce(diagnosis.has_mental_diagnosis, FALSE) AS has_mental_diagnosis,
    coalesce(care_before.has_psychotropic, FALSE) AS has_psychotropic,
    coalesce(diagnosis.has_musculoskeletal_diagnosis, FALSE) AS has_musculoskeletal_diagnosis,
    coalesce(diagnosis.has_other_serious_diagnosis, FALSE) AS has_other_serious_diagnosis,
    coalesce(care_before.n_gp_contacts, 0) AS n_gp_contacts
FROM diagnosis
FULL OUTER JOIN mart.care_before
    ON diagnosis.person_id = care_before.person_id AND diagnosis.year = care_before.year;

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
