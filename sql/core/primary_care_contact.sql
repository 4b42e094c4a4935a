-- object: core.primary_care_contact
-- grain: one row per person, speciality and fee line
-- key: none
-- units: services
-- source: Sundhedsdatastyrelsen, SSSY; Statistics Denmark, SYSI
-- reads: raw.sssy, raw.sysi, core.settlement_week
-- caveat: a view; repeats are real; dated by the week of settlement; of a year that both registers
--   report SYSI counts to 2004 and SSSY from 2005

CREATE VIEW core.primary_care_contact AS
WITH contact AS (
    SELECT
        sssy.PNR,
        sssy.SPECIALE,
        sssy.YDLANT,
        settlement_week.iso_year,
        settlement_week.iso_week
    FROM raw.sssy
    INNER JOIN core.settlement_week
        ON
            sssy.HONUGE = settlement_week.week_code
            AND settlement_week.register = 'sssy'
            AND settlement_week.is_counted
    UNION ALL
    SELECT
        sysi.PNR,
        sysi.SPECIALE,
        sysi.YDLANT,
        settlement_week.iso_year,
        settlement_week.iso_week
    FROM raw.sysi
    INNER JOIN core.settlement_week
        ON
            sysi.HONUGE = settlement_week.week_code
            AND settlement_week.register = 'sysi'
            AND settlement_week.is_counted
)

SELECT
    contact.PNR AS person_id,
    contact.SPECIALE AS speciality_code,
    contact.SPECIALE LIKE '80%' AS is_general_practice,
    contact.YDLANT AS n_services,
    contact.iso_year,
    contact.iso_week
FROM contact;

COMMENT ON VIEW core.primary_care_contact IS 'Services in general practice and by specialists.';
COMMENT ON COLUMN core.primary_care_contact.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN core.primary_care_contact.speciality_code IS 'SPECIALE as delivered.';
COMMENT ON COLUMN core.primary_care_contact.is_general_practice IS 'Speciality 80.';
COMMENT ON COLUMN core.primary_care_contact.n_services IS 'Number of services.';
COMMENT ON COLUMN core.primary_care_contact.iso_year IS 'ISO year of settlement.';
COMMENT ON COLUMN core.primary_care_contact.iso_week IS 'ISO week of settlement.';
