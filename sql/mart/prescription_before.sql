-- object: mart.prescription_before
-- grain: one row per dispensed package line and year at risk before which it was
-- key: none
-- units: none
-- source: LMDB
-- reads: core.prescription, mart.year_at_risk
-- caveat: a view; of the calendar year before

CREATE VIEW mart.prescription_before AS
SELECT
    prescription.person_id,
    year_at_risk.year,
    prescription.atc_code,
    prescription.is_psychotropic
FROM core.prescription
INNER JOIN mart.year_at_risk ON year(prescription.dispensed_date) = year_at_risk.year - 1;

COMMENT ON VIEW mart.prescription_before IS 'Prescriptions of the year before each year at risk.';
COMMENT ON COLUMN mart.prescription_before.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN mart.prescription_before.year IS 'Year at risk.';
COMMENT ON COLUMN mart.prescription_before.atc_code IS 'ATC code.';
COMMENT ON COLUMN mart.prescription_before.is_psychotropic IS 'ATC code under N05 or N06.';
