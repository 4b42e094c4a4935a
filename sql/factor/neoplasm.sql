-- object: factor.neoplasm
-- place: 37
-- title: Svulst / Neoplasm
-- levels: no = Ingen registreret / None recorded; yes = Registreret / Recorded
-- reference: no
-- lookback: health
-- health: yes
-- source: Sundhedsdatastyrelsen, LPR2 and LPR3
-- reads: mart.diagnosis_before
-- caveat: ICD-10 C and D up to D48, main and secondary diagnoses of hospital contacts

SELECT DISTINCT
    diagnosis_before.person_id,
    diagnosis_before.year,
    'yes' AS level
FROM mart.diagnosis_before
WHERE diagnosis_before.diagnosis_group = 'neoplasm'
