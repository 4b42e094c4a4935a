-- object: checks.lpr_diagnosis_has_contact
-- grain: one row per diagnosis without a contact
-- key: RECNUM, C_DIAG, C_DIAGTYPE
-- units: none
-- source: Sundhedsdatastyrelsen, LPR2
-- reads: raw.lpr_diag, raw.lpr_adm
-- caveat: such diagnoses are not in core.hospital_diagnosis
-- severity: warn

SELECT
    lpr_diag.RECNUM,
    lpr_diag.C_DIAG,
    lpr_diag.C_DIAGTYPE
FROM raw.lpr_diag
ANTI JOIN raw.lpr_adm ON lpr_diag.RECNUM = lpr_adm.RECNUM
ORDER BY lpr_diag.RECNUM, lpr_diag.C_DIAG, lpr_diag.C_DIAGTYPE
