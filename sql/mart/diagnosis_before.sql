-- object: mart.diagnosis_before
-- grain: one row per diagnosis and year at risk in whose look-back it is
-- key: none
-- units: none
-- source: LPR2 and LPR3
-- reads: core.hospital_diagnosis, mart.year_at_risk
-- caveat: a view; main and secondary diagnoses (types A and B) alone

CREATE VIEW mart.diagnosis_before AS
SELECT
    hospital_diagnosis.person_id,
    year_at_risk.year,
    hospital_diagnosis.diagnosis_code,
    hospital_diagnosis.diagnosis_group,
    hospital_diagnosis.is_psychiatric
FROM core.hospital_diagnosis
INNER JOIN mart.year_at_risk
    ON
        year(hospital_diagnosis.contact_date)
        BETWEEN year_at_risk.first_health_year AND year_at_risk.year - 1
WHERE hospital_diagnosis.diagnosis_type IN ('A', 'B');

COMMENT ON VIEW mart.diagnosis_before IS 'Hospital diagnoses in the look-back of each year at risk.';
COMMENT ON COLUMN mart.diagnosis_before.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN mart.diagnosis_before.year IS 'Year at risk.';
COMMENT ON COLUMN mart.diagnosis_before.diagnosis_code IS 'ICD-10 code.';
COMMENT ON COLUMN mart.diagnosis_before.diagnosis_group IS 'Group of the code.';
COMMENT ON COLUMN mart.diagnosis_before.is_psychiatric IS 'Whether of a psychiatric contact.';
