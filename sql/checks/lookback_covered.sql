-- object: checks.lookback_covered
-- grain: one row per register and year that the years at risk need with hardly any record
-- key: register, year
-- units: records
-- source: pipeline/registers, settings health_lookback_years and tenure_lookback_years
-- reads: core.week, core.hospital_diagnosis, core.prescription, core.primary_care_contact
-- caveat: hardly any is less than a tenth of the register's median year; BEF, UDDA and the last week
--   of DREAM stop the load before it begins, and decisions have a check of their own
-- severity: warn

WITH needed AS (
    SELECT
        need.need.register,
        need.need.year
    FROM (SELECT unnest(getvariable('lookback_need')) AS need) AS need
    WHERE
        need.need.register IN (
            'dream', 'lpr_diag', 'psyk_diag', 'lpr3_diagnoser', 'lmdb', 'sssy', 'sysi'
        )
),

diagnosis_year AS (
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

register_year AS (
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
),

usual AS (
    SELECT
        register_year.register,
        median(register_year.n_records) AS n_records
    FROM register_year
    INNER JOIN needed
        ON register_year.register = needed.register AND register_year.year = needed.year
    GROUP BY register_year.register
)

SELECT
    needed.register,
    needed.year,
    coalesce(register_year.n_records, 0) AS n_records
FROM needed
LEFT JOIN register_year
    ON needed.register = register_year.register AND needed.year = register_year.year
LEFT JOIN usual ON needed.register = usual.register
WHERE coalesce(register_year.n_records, 0) < 0.1 * coalesce(usual.n_records, 1)
ORDER BY needed.register, needed.year
