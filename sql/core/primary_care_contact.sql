-- object: core.primary_care_contact
-- grain: one row per person, speciality and fee line
-- key: none
-- units: services
-- source: Sundhedsdatastyrelsen, SSSY
-- reads: raw.sssy
-- caveat: a view; repeats are real; dated by the week of settlement

CREATE VIEW core.primary_care_contact AS
SELECT
    sssy.PNR AS person_id,
    sssy.SPECIALE AS speciality_code,
    sssy.SPECIALE LIKE '80%' AS is_general_practice,
    sssy.YDLANT AS n_services,
    CASE WHEN sssy.HONUGE >= '9000' THEN 1900 ELSE 2000 END
    + CAST(sssy.HONUGE[1:2] AS INTEGER) AS iso_year,
    CAST(sssy.HONUGE[3:4] AS INTEGER) AS iso_week
FROM raw.sssy;

COMMENT ON VIEW core.primary_care_contact IS 'Services in general practice and by specialists.';
COMMENT ON COLUMN core.primary_care_contact.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN core.primary_care_contact.speciality_code IS 'SPECIALE as delivered.';
COMMENT ON COLUMN core.primary_care_contact.is_general_practice IS 'Speciality 80.';
COMMENT ON COLUMN core.primary_care_contact.n_services IS 'Number of services.';
COMMENT ON COLUMN core.primary_care_contact.iso_year IS 'ISO year of settlement.';
COMMENT ON COLUMN core.primary_care_contact.iso_week IS 'ISO week of settlement.';
