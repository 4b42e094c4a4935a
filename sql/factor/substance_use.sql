-- object: factor.substance_use
-- place: 34
-- title: Misbrugsdiagnose / Substance use diagnosis
-- levels: no = Ingen registreret / None recorded; yes = Registreret / Recorded
-- reference: no
-- lookback: health
-- health: yes
-- source: Sundhedsdatastyrelsen, LPR2 and LPR3
-- reads: mart.diagnosis_before
-- caveat: ICD-10 F10 to F19, main and secondary diagnoses of hospital contacts

SELECT DISTINCT
    diagnosis_before.person_id,
    diagnosis_before.year,
    'yes' AS level
FROM mart.diagnosis_before
WHERE diagnosis_before.diagnosis_code BETWEEN 'F10' AND 'F19ZZ'
