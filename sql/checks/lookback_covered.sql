-- object: checks.lookback_covered
-- grain: one row per register and year of the look-back without any record
-- key: register, year
-- units: none
-- source: settings health_lookback_years and tenure_lookback_years
-- reads: core.week, core.hospital_diagnosis, core.prescription, core.primary_care_contact
-- caveat: a look-back the data do not cover finds fewer than there were
-- severity: warn

WITH year_at_risk AS (
    SELECT unnest(getvariable('years_at_risk')) AS year
),

lookback AS (
    SELECT
        'dream' AS register,
        getvariable('tenure_lookback_years') AS n_years
    UNION ALL
    SELECT
        'hospital' AS register,
        getvariable('health_lookback_years') AS n_years
    UNION ALL
    SELECT
        'lmdb' AS register,
        1 AS n_years
    UNION ALL
    SELECT
        'sssy' AS register,
        1 AS n_years
),

needed AS (
    SELECT DISTINCT
        lookback.register,
        unnest(
            generate_series(year_at_risk.year - lookback.n_years, year_at_risk.year - 1)
        ) AS year
    FROM year_at_risk
    CROSS JOIN lookback
),

present AS (
    SELECT
        'dream' AS register,
        week.iso_year AS year
    FROM core.week
    UNION
    SELECT
        'hospital' AS register,
        year(hospital_diagnosis.contact_date) AS year
    FROM core.hospital_diagnosis
    UNION
    SELECT
        'lmdb' AS register,
        year(prescription.dispensed_date) AS year
    FROM core.prescription
    UNION
    SELECT
        'sssy' AS register,
        primary_care_contact.iso_year AS year
    FROM core.primary_care_contact
)

SELECT
    needed.register,
    needed.year
FROM needed
ANTI JOIN present ON needed.register = present.register AND needed.year = present.year
ORDER BY needed.register, needed.year
