-- object: core.primary_care_contact
-- grain: one row per person, speciality and fee line
-- key: none
-- units: services
-- source: Sundhedsdatastyrelsen, SSSY; Statistics Denmark, SYSI
-- reads: raw.sssy, raw.sysi
-- caveat: a view; repeats are real; dated by the week of settlement; of a year that both registers
--   report SYSI counts to 2004 and SSSY from 2005

CREATE VIEW core.primary_care_contact AS
WITH delivered AS (
    SELECT
        sssy.PNR,
        sssy.SPECIALE,
        sssy.YDLANT,
        sssy.HONUGE,
        sssy.HONUGE[1:2] AS year_of_century,
        FALSE AS is_sysi
    FROM raw.sssy
    UNION ALL
    SELECT
        sysi.PNR,
        sysi.SPECIALE,
        sysi.YDLANT,
        sysi.HONUGE,
        sysi.HONUGE[1:2] AS year_of_century,
        TRUE AS is_sysi
    FROM raw.sysi
),

-- Years that only one of the registers reports are counted from that one.
doubled AS (
    SELECT delivered.year_of_century
    FROM delivered
    GROUP BY delivered.year_of_century
    HAVING bool_or(delivered.is_sysi) AND NOT bool_and(delivered.is_sysi)
)

SELECT
    delivered.PNR AS person_id,
    delivered.SPECIALE AS speciality_code,
    delivered.SPECIALE LIKE '80%' AS is_general_practice,
    delivered.YDLANT AS n_services,
    CASE WHEN delivered.year_of_century >= '90' THEN 1900 ELSE 2000 END
    + CAST(delivered.year_of_century AS INTEGER) AS iso_year,
    CAST(delivered.HONUGE[3:4] AS INTEGER) AS iso_week
FROM delivered
WHERE
    delivered.year_of_century NOT IN (SELECT doubled.year_of_century FROM doubled)
    OR delivered.is_sysi = (
        delivered.year_of_century >= '90' OR delivered.year_of_century < '05'
    );

COMMENT ON VIEW core.primary_care_contact IS 'Services in general practice and by specialists.';
COMMENT ON COLUMN core.primary_care_contact.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN core.primary_care_contact.speciality_code IS 'SPECIALE as delivered.';
COMMENT ON COLUMN core.primary_care_contact.is_general_practice IS 'Speciality 80.';
COMMENT ON COLUMN core.primary_care_contact.n_services IS 'Number of services.';
COMMENT ON COLUMN core.primary_care_contact.iso_year IS 'ISO year of settlement.';
COMMENT ON COLUMN core.primary_care_contact.iso_week IS 'ISO week of settlement.';
