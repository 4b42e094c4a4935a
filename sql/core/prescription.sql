-- object: core.prescription
-- grain: one row per dispensed package line
-- key: none
-- units: defined daily doses
-- source: Sundhedsdatastyrelsen, LMDB
-- reads: raw.lmdb
-- caveat: a view; repeats are real

CREATE VIEW core.prescription AS
SELECT
    lmdb.PNR AS person_id,
    lmdb.EKSD AS dispensed_date,
    lmdb.ATC AS atc_code,
    lmdb.ATC LIKE 'N05%' OR lmdb.ATC LIKE 'N06%' AS is_psychotropic,
    lmdb.VOLUME AS volume_ddd
FROM raw.lmdb;

COMMENT ON VIEW core.prescription IS 'Prescriptions dispensed.';
COMMENT ON COLUMN core.prescription.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN core.prescription.dispensed_date IS 'Date dispensed.';
COMMENT ON COLUMN core.prescription.atc_code IS 'ATC code.';
COMMENT ON COLUMN core.prescription.is_psychotropic IS 'ATC code under N05 or N06.';
COMMENT ON COLUMN core.prescription.volume_ddd IS 'Amount in defined daily doses.';
