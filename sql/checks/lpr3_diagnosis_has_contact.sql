-- object: checks.lpr3_diagnosis_has_contact
-- grain: one row per diagnosis without a contact
-- key: DW_EK_KONTAKT, DIAGNOSEKODE, DIAGNOSETYPE
-- units: none
-- source: Sundhedsdatastyrelsen, LPR3
-- reads: raw.lpr3_diagnoser, raw.lpr3_kontakter
-- caveat: such diagnoses are not in core.hospital_diagnosis
-- severity: warn

SELECT
    lpr3_diagnoser.DW_EK_KONTAKT,
    lpr3_diagnoser.DIAGNOSEKODE,
    lpr3_diagnoser.DIAGNOSETYPE
FROM raw.lpr3_diagnoser
ANTI JOIN raw.lpr3_kontakter ON lpr3_diagnoser.DW_EK_KONTAKT = lpr3_kontakter.DW_EK_KONTAKT
ORDER BY lpr3_diagnoser.DW_EK_KONTAKT, lpr3_diagnoser.DIAGNOSEKODE, lpr3_diagnoser.DIAGNOSETYPE
