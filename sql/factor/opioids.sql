-- object: factor.opioids
-- place: 33
-- title: Opioider / Opioids
-- levels: no = Ingen udleveret / Not dispensed; yes = Udleveret / Dispensed
-- reference: no
-- lookback: the year before
-- health: yes
-- source: Sundhedsdatastyrelsen, LMDB
-- reads: mart.prescription_before
-- caveat: ATC N02A, dispensed outside hospitals; says what was bought, not taken

SELECT DISTINCT
    prescription_before.person_id,
    prescription_before.year,
    'yes' AS level
FROM mart.prescription_before
WHERE prescription_before.atc_code LIKE 'N02A%'
