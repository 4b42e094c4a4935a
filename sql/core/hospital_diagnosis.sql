-- object: core.hospital_diagnosis
-- grain: one row per contact, diagnosis and type
-- key: is_psychiatric, contact_id, diagnosis_code, diagnosis_type
-- units: none
-- source: Sundhedsdatastyrelsen, LPR2
-- reads: raw.lpr_adm, raw.lpr_diag, raw.psyk_adm, raw.psyk_diag, core.icd10_category
-- caveat: diagnoses without a contact are left out and counted by a check

CREATE TABLE core.hospital_diagnosis AS
WITH contact_diagnosis AS (
    SELECT
        lpr_adm.PNR AS person_id,
        lpr_adm.RECNUM AS contact_id,
        FALSE AS is_psychiatric,
        lpr_adm.D_INDDTO AS contact_date,
        lpr_adm.C_PATTYPE AS patient_type_code,
        lpr_diag.C_DIAG AS prefixed_code,
        lpr_diag.C_DIAGTYPE AS diagnosis_type
    FROM raw.lpr_diag
    INNER JOIN raw.lpr_adm ON lpr_diag.RECNUM = lpr_adm.RECNUM
    UNION ALL
    SELECT
        psyk_adm.PNR AS person_id,
        psyk_adm.RECNUM AS contact_id,
        TRUE AS is_psychiatric,
        psyk_adm.D_INDDTO AS contact_date,
        psyk_adm.C_PATTYPE AS patient_type_code,
        psyk_diag.C_DIAG AS prefixed_code,
        psyk_diag.C_DIAGTYPE AS diagnosis_type
    FROM raw.psyk_diag
    INNER JOIN raw.psyk_adm ON psyk_diag.RECNUM = psyk_adm.RECNUM
)

SELECT
    contact_diagnosis.person_id,
    contact_diagnosis.contact_id,
    contact_diagnosis.is_psychiatric,
    contact_diagnosis.contact_date,
    contact_diagnosis.patient_type_code,
    contact_diagnosis.prefixed_code[2:] AS diagnosis_code,
    contact_diagnosis.diagnosis_type,
    coalesce(icd10_category.diagnosis_group, 'other') AS diagnosis_group
FROM contact_diagnosis
LEFT JOIN core.icd10_category
    ON contact_diagnosis.prefixed_code[2:4] = icd10_category.category_code;

COMMENT ON TABLE core.hospital_diagnosis IS 'Diagnoses of somatic and psychiatric contacts.';
COMMENT ON COLUMN core.hospital_diagnosis.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN core.hospital_diagnosis.contact_id IS 'Contact (RECNUM).';
COMMENT ON COLUMN core.hospital_diagnosis.is_psychiatric IS 'From the psychiatric register.';
COMMENT ON COLUMN core.hospital_diagnosis.contact_date IS 'Start of contact.';
COMMENT ON COLUMN core.hospital_diagnosis.patient_type_code IS 'C_PATTYPE as delivered.';
COMMENT ON COLUMN core.hospital_diagnosis.diagnosis_code IS 'ICD-10 without the Danish D-prefix.';
COMMENT ON COLUMN core.hospital_diagnosis.diagnosis_type IS 'A main, B secondary, others referral.';
COMMENT ON COLUMN core.hospital_diagnosis.diagnosis_group IS 'Main diagnosis group.';
