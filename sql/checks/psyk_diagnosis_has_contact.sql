-- object: checks.psyk_diagnosis_has_contact
-- grain: one row per diagnosis without a contact
-- key: RECNUM, C_DIAG, C_DIAGTYPE
-- units: none
-- source: Sundhedsdatastyrelsen, LPR2
-- reads: raw.psyk_diag, raw.psyk_adm
-- caveat: such diagnoses are not in core.hospital_diagnosis
-- severity: warn

SELECT
    psyk_diag.RECNUM,
    psyk_diag.C_DIAG,
    psyk_diag.C_DIAGTYPE
FROM raw.psyk_diag
ANTI JOIN raw.psyk_adm ON psyk_diag.RECNUM = psyk_adm.RECNUM
ORDER BY psyk_diag.RECNUM, psyk_diag.C_DIAG, psyk_diag.C_DIAGTYPE
