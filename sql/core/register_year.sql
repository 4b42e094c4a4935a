-- object: core.register_year
-- grain: one row per register and year with records
-- key: register, year
-- units: records
-- source: the registers that years before the year at risk are looked back on in
-- reads: core.week, core.hospital_diagnosis, core.prescription, core.primary_care_contact
-- caveat: without LPR2 its years are those of LPR3; either register of primary care may report a
--   year of the change from one to the other, so both have the years of both

CREATE TABLE core.register_year AS
WITH diagnosis_year AS (
    SELECT
        hospital_diagnosis.source_register,
        hospital_diagnosis.is_psychiatric,
        year(hospital_diagnosis.contact_date) AS year,
        count(*) AS n_records
    FROM core.hospital_diagnosis
    GROUP BY ALL
),

contact_year AS (
    SELECT
        primary_care_contact.iso_year AS year,
        count(*) AS n_records
    FROM core.primary_care_contact
    GROUP BY primary_care_contact.iso_year
),

-- Without LPR2 its years are those of LPR3, where a data team has turned them into it.
has_lpr2 AS (
    SELECT count(*) > 0 AS is_delivered
    FROM diagnosis_year
    WHERE diagnosis_year.source_register <> 'lpr3'
),

listed AS (
    SELECT
        'dream' AS register,
        week.iso_year AS year,
        count(*) AS n_records
    FROM core.week
    GROUP BY week.iso_year
    UNION ALL
    SELECT
        CASE
            WHEN diagnosis_year.source_register = 'lpr' THEN 'lpr_diag'
            WHEN diagnosis_year.source_register = 'psyk' THEN 'psyk_diag'
            WHEN has_lpr2.is_delivered OR diagnosis_year.year >= 2019 THEN 'lpr3_diagnoser'
            WHEN diagnosis_year.is_psychiatric THEN 'psyk_diag'
            ELSE 'lpr_diag'
        END AS register,
        diagnosis_year.year,
        sum(diagnosis_year.n_records) AS n_records
    FROM diagnosis_year
    CROSS JOIN has_lpr2
    GROUP BY ALL
    UNION ALL
    SELECT
        'lmdb' AS register,
        year(prescription.dispensed_date) AS year,
        count(*) AS n_records
    FROM core.prescription
    GROUP BY year(prescription.dispensed_date)
    UNION ALL
    -- One register after the other: either may report a year of the change.
    SELECT
        unnest(['sssy', 'sysi']) AS register,
        contact_year.year,
        contact_year.n_records
    FROM contact_year
)

SELECT
    listed.register,
    CAST(listed.year AS INTEGER) AS year,
    CAST(listed.n_records AS BIGINT) AS n_records
FROM listed
ORDER BY listed.register, listed.year;

COMMENT ON TABLE core.register_year IS
'How many records each register of the look-back has of each year.';
COMMENT ON COLUMN core.register_year.register IS
'Register: dream, lpr_diag, psyk_diag, lpr3_diagnoser, lmdb, sssy or sysi.';
COMMENT ON COLUMN core.register_year.year IS 'Calendar year; of DREAM the ISO year of the week.';
COMMENT ON COLUMN core.register_year.n_records IS 'Records of the year, of everybody.';
