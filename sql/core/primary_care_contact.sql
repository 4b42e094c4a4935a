-- object: core.primary_care_contact
-- grain: one row per person, speciality and fee line
-- key: none
-- units: services
-- source: Sundhedsdatastyrelsen, SSSY; Statistics Denmark, SYSI
-- reads: raw.sssy, raw.sysi
-- caveat: a view; repeats are real; dated by the week of settlement; of a year that both registers
--   report SYSI counts to 2004 and SSSY from 2005

CREATE VIEW core.primary_care_contact AS
WITH delivered_week AS (
    SELECT DISTINCT
        sssy.HONUGE,
        FALSE AS is_sysi
    FROM raw.sssy
    UNION ALL
    SELECT DISTINCT
        sysi.HONUGE,
        TRUE AS is_sysi
    FROM raw.sysi
),

-- A few hundred weeks, so their text is taken apart once and not for every contact.
settled AS (
    SELECT
        delivered_week.HONUGE,
        delivered_week.is_sysi,
        CASE WHEN delivered_week.HONUGE >= '90' THEN 1900 ELSE 2000 END
        + CAST(delivered_week.HONUGE[1:2] AS INTEGER) AS iso_year,
        CAST(delivered_week.HONUGE[3:4] AS INTEGER) AS iso_week
    FROM delivered_week
),

-- Years that only one of the registers reports are counted from that one.
doubled AS (
    SELECT settled.iso_year
    FROM settled
    GROUP BY settled.iso_year
    HAVING bool_or(settled.is_sysi) AND NOT bool_and(settled.is_sysi)
),

counted AS (
    SELECT
        settled.HONUGE,
        settled.is_sysi,
        settled.iso_year,
        settled.iso_week
    FROM settled
    WHERE
        settled.iso_year NOT IN (SELECT doubled.iso_year FROM doubled)
        OR settled.is_sysi = (settled.iso_year < 2005)
),

contact AS (
    SELECT
        sssy.PNR,
        sssy.SPECIALE,
        sssy.YDLANT,
        counted.iso_year,
        counted.iso_week
    FROM raw.sssy
    INNER JOIN counted ON sssy.HONUGE = counted.HONUGE AND NOT counted.is_sysi
    UNION ALL
    SELECT
        sysi.PNR,
        sysi.SPECIALE,
        sysi.YDLANT,
        counted.iso_year,
        counted.iso_week
    FROM raw.sysi
    INNER JOIN counted ON sysi.HONUGE = counted.HONUGE AND counted.is_sysi
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
