-- object: factor.anxiolytics
-- place: 31
-- title: Angstdæmpende og sovemidler / Anxiolytics and hypnotics
-- levels: no = Ingen udleveret / Not dispensed; yes = Udleveret / Dispensed
-- reference: no
-- lookback: the year before
-- health: yes
-- source: Sundhedsdatastyrelsen, LMDB
-- reads: core.prescription
-- caveat: ATC N05B and N05C, dispensed outside hospitals; says what was bought, not taken

WITH year_at_risk AS (
    SELECT unnest(getvariable('years_at_risk')) AS year
)

SELECT DISTINCT
    prescription.person_id,
    year_at_risk.year,
    'yes' AS level
FROM core.prescription
INNER JOIN year_at_risk
    ON year(prescription.dispensed_date) = year_at_risk.year - 1
WHERE prescription.atc_code LIKE 'N05B%' OR prescription.atc_code LIKE 'N05C%'
