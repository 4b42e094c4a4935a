-- object: factor.circulatory_disease
-- place: 36
-- title: Kredsløbssygdom / Circulatory disease
-- levels: no = Ingen registreret / None recorded; yes = Registreret / Recorded
-- reference: no
-- lookback: health
-- health: yes
-- source: Sundhedsdatastyrelsen, LPR2 and LPR3
-- reads: mart.diagnosis_before
-- caveat: ICD-10 I, main and secondary diagnoses of hospital contacts

SELECT DISTINCT
    diagnosis_before.person_id,
    diagnosis_before.year,
    'yes' AS level
FROM mart.diagnosis_before
WHERE diagnosis_before.diagnosis_group = 'circulatory'
