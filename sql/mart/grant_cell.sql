-- object: mart.grant_cell
-- grain: one row per outcome, year, municipality, combination of factor levels and diagnosis group
-- key: outcome, year, municipality_code, age_band, sex, education, origin, family, labour_status,
--   tenure_band, sickness_weeks_band, mental_health, somatic_health, gp_contacts_band,
--   diagnosis_group
-- units: grants
-- source: mart.person_year
-- reads: mart.person_year
-- caveat: counts of few persons; not for publication

CREATE TABLE mart.grant_cell AS
WITH first_grant AS (
    SELECT
        outcome.outcome,
        person_year.year,
        person_year.municipality_code,
        person_year.age_band,
        person_year.sex,
        person_year.education,
        person_year.origin,
        person_year.family,
        person_year.labour_status,
        person_year.tenure_band,
        person_year.sickness_weeks_band,
        person_year.mental_health,
        person_year.somatic_health,
        person_year.gp_contacts_band,
        CASE outcome.outcome
            WHEN 'FP' THEN person_year.diagnosis_fp
            WHEN 'FJ' THEN person_year.diagnosis_fj
            WHEN 'ANY' THEN person_year.diagnosis_any
        END AS diagnosis_group
    FROM mart.person_year
    CROSS JOIN (VALUES ('FP'), ('FJ'), ('ANY')) AS outcome (outcome)
    WHERE
        CASE outcome.outcome
            WHEN 'FP' THEN person_year.event_fp
            WHEN 'FJ' THEN person_year.event_fj
            WHEN 'ANY' THEN person_year.event_any
        END
)

SELECT
    first_grant.outcome,
    first_grant.year,
    first_grant.municipality_code,
    first_grant.age_band,
    first_grant.sex,
    first_grant.education,
    first_grant.origin,
    first_grant.family,
    first_grant.labour_status,
    first_grant.tenure_band,
    first_grant.sickness_weeks_band,
    first_grant.mental_health,
    first_grant.somatic_health,
    first_grant.gp_contacts_band,
    first_grant.diagnosis_group,
    count(*) AS n_events
FROM first_grant
GROUP BY ALL
ORDER BY ALL;

COMMENT ON TABLE mart.grant_cell IS 'First grants per cell of the model and main diagnosis.';
COMMENT ON COLUMN mart.grant_cell.outcome IS 'FP, FJ, or ANY for the first of either.';
COMMENT ON COLUMN mart.grant_cell.year IS 'Year at risk.';
COMMENT ON COLUMN mart.grant_cell.municipality_code IS 'Municipality of residence on 31 December before.';
COMMENT ON COLUMN mart.grant_cell.age_band IS 'Age on 31 December before, full years.';
COMMENT ON COLUMN mart.grant_cell.sex IS 'male or female.';
COMMENT ON COLUMN mart.grant_cell.education IS 'Highest completed education.';
COMMENT ON COLUMN mart.grant_cell.origin IS 'danish, immigrant or descendant.';
COMMENT ON COLUMN mart.grant_cell.family IS 'Married or not, children under 18 at home or not.';
COMMENT ON COLUMN mart.grant_cell.labour_status IS 'Benefit in the last ISO week of the year before.';
COMMENT ON COLUMN mart.grant_cell.tenure_band IS 'Cumulative years on cash or education benefit in the look-back.';
COMMENT ON COLUMN mart.grant_cell.sickness_weeks_band IS 'Weeks on sickness benefit in the year before.';
COMMENT ON COLUMN mart.grant_cell.mental_health IS 'Mental diagnosis, else psychotropic drugs.';
COMMENT ON COLUMN mart.grant_cell.somatic_health IS 'Somatic diagnosis in the look-back.';
COMMENT ON COLUMN mart.grant_cell.gp_contacts_band IS 'Services in general practice in the year before.';
COMMENT ON COLUMN mart.grant_cell.diagnosis_group IS 'Main diagnosis group of the grant.';
COMMENT ON COLUMN mart.grant_cell.n_events IS 'First grants in the year.';
