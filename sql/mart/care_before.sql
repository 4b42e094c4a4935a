-- object: mart.care_before
-- grain: one row per person with general practice or a psychotropic drug in the year before
-- key: person_id, year
-- units: services
-- source: LMDB, SSSY, SYSI
-- reads: core.prescription, core.primary_care_contact
-- caveat: what mart.health_history has of the year before; the same for a look-back of any length,
--   so benchmarks that differ in that alone share it

CREATE TABLE mart.care_before AS
WITH year_at_risk AS (
    SELECT unnest(getvariable('years_at_risk')) AS year
),

psychotropic AS (
    SELECT DISTINCT
        prescription.person_id,
        year_at_risk.year
    FROM core.prescription
    INNER JOIN year_at_risk ON year(prescription.dispensed_date) = year_at_risk.year - 1
    WHERE
        prescription.is_psychotropic
        -- Told apart from the join: so what is too old is not read at all.
        AND prescription.dispensed_date
        >= make_date(list_min(getvariable('years_at_risk')) - 1, 1, 1)
),

general_practice AS (
    SELECT
        primary_care_contact.person_id,
        year_at_risk.year,
        CAST(sum(primary_care_contact.n_services) AS BIGINT) AS n_gp_contacts
    FROM core.primary_care_contact
    INNER JOIN year_at_risk ON primary_care_contact.iso_year = year_at_risk.year - 1
    WHERE
        primary_care_contact.is_general_practice
        AND primary_care_contact.iso_year >= list_min(getvariable('years_at_risk')) - 1
    GROUP BY primary_care_contact.person_id, year_at_risk.year
)

SELECT
    coalesce(general_practice.person_id, psychotropic.person_id) AS person_id,
    coalesce(general_practice.year, psychotropic.year) AS year,
    psychotropic.person_id IS NOT NULL AS has_psychotropic,
    coalesce(general_practice.n_gp_contacts, 0) AS n_gp_contacts
FROM general_practice
FULL OUTER JOIN psychotropic
    ON
        general_practice.person_id = psychotropic.person_id
        AND general_practice.year = psychotropic.year;

COMMENT ON TABLE mart.care_before IS 'General practice and psychotropic drugs of the year before.';
COMMENT ON COLUMN mart.care_before.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN mart.care_before.year IS 'Year at risk.';
COMMENT ON COLUMN mart.care_before.has_psychotropic IS
'Psychotropic drug dispensed in the year before.';
COMMENT ON COLUMN mart.care_before.n_gp_contacts IS
'Services in general practice in the ISO year before.';
