-- object: core.hospital_diagnosis
-- grain: one row per contact, diagnosis and type
-- key: source_register, contact_id, diagnosis_code, diagnosis_type
-- units: none
-- source: Sundhedsdatastyrelsen, LPR2 and, from March 2019, LPR3
-- reads: raw.lpr_adm, raw.lpr_diag, raw.psyk_adm, raw.psyk_diag, raw.lpr3_kontakter,
--   raw.lpr3_diagnoser, core.icd10_category
-- caveat: diagnoses without a contact are left out and counted by a check, and so are LPR3's later
--   found not to hold; a contact open in March 2019 may be in both registers, so ask whether, not
--   how often

CREATE TABLE core.hospital_diagnosis AS
WITH contact_diagnosis AS (
    SELECT
        lpr_adm.PNR AS person_id,
        lpr_adm.RECNUM AS contact_id,
        'lpr' AS source_register,
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
        'psyk' AS source_register,
        TRUE AS is_psychiatric,
        psyk_adm.D_INDDTO AS contact_date,
        psyk_adm.C_PATTYPE AS patient_type_code,
        psyk_diag.C_DIAG AS prefixed_code,
        psyk_diag.C_DIAGTYPE AS diagnosis_type
    FROM raw.psyk_diag
    INNER JOIN raw.psyk_adm ON psyk_diag.RECNUM = psyk_adm.RECNUM
    UNION ALL
    SELECT
        lpr3_kontakter.PNR AS person_id,
        lpr3_kontakter.DW_EK_KONTAKT AS contact_id,
        'lpr3' AS source_register,
        coalesce(
            contains(lower(lpr3_kontakter.HOVEDSPECIALE_ANS), 'psykiatri'), FALSE
        ) AS is_psychiatric,
        lpr3_kontakter.DATO_START AS contact_date,
        NULL AS patient_type_code,
        lpr3_diagnoser.DIAGNOSEKODE AS prefixed_code,
        lpr3_diagnoser.DIAGNOSETYPE AS diagnosis_type
    FROM raw.lpr3_diagnoser
    INNER JOIN raw.lpr3_kontakter
        ON lpr3_diagnoser.DW_EK_KONTAKT = lpr3_kontakter.DW_EK_KONTAKT
    WHERE lpr3_diagnoser.SENERE_AFKRAEFTET IS DISTINCT FROM 'Ja'
)

SELECT
    contact_diagnosis.person_id,
    contact_diagnosis.contact_id,
    contact_diagnosis.source_register,
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
COMMENT ON COLUMN core.hospital_diagnosis.contact_id IS
'Contact: RECNUM, in LPR3 DW_EK_KONTAKT.';
COMMENT ON COLUMN core.hospital_diagnosis.source_register IS 'lpr, psyk or lpr3.';
COMMENT ON COLUMN core.hospital_diagnosis.is_psychiatric IS
'From the psychiatric register, in LPR3 a unit of psychiatry.';
COMMENT ON COLUMN core.hospital_diagnosis.contact_date IS 'Start of contact.';
COMMENT ON COLUMN core.hospital_diagnosis.patient_type_code IS
'C_PATTYPE as delivered; null in LPR3.';
COMMENT ON COLUMN core.hospital_diagnosis.diagnosis_code IS 'ICD-10 without the Danish D-prefix.';
COMMENT ON COLUMN core.hospital_diagnosis.diagnosis_type IS 'A main, B secondary, others referral.';
COMMENT ON COLUMN core.hospital_diagnosis.diagnosis_group IS 'Main diagnosis group.';
