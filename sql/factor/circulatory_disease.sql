-- object: factor.circulatory_disease
-- place: 36
-- title: Kredsløbssygdom / Circulatory disease
-- levels: no = Ingen registreret / None recorded; yes = Registreret / Recorded
-- reference: no
-- lookback: health
-- health: yes
-- source: Sundhedsdatastyrelsen, LPR2 and LPR3
-- reads: core.hospital_diagnosis
-- caveat: ICD-10 I, main and secondary diagnoses of hospital contacts

WITH year_at_risk AS (
    SELECT unnest(getvariable('years_at_risk')) AS year
)

SELECT DISTINCT
    hospital_diagnosis.person_id,
    year_at_risk.year,
    'yes' AS level
FROM core.hospital_diagnosis
INNER JOIN year_at_risk
    ON
        year(hospital_diagnosis.contact_date)
        BETWEEN year_at_risk.year - getvariable('health_lookback_years')
        AND year_at_risk.year - 1
WHERE
    hospital_diagnosis.diagnosis_type IN ('A', 'B')
    AND hospital_diagnosis.diagnosis_group = 'circulatory'
