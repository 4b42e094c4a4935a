-- object: mart.grant_cell
-- grain: one row per outcome, year, municipality, factor levels, diagnosis group and municipality
--   of decision
-- key: outcome, year, municipality_code, age_band, sex, education, origin, family, labour_status,
--   tenure_band, sickness_weeks_band, mental_health, somatic_health, gp_contacts_band,
--   diagnosis_group, decision_municipality_code
-- units: grants
-- source: mart.person_year
-- reads: mart.person_year, core.first_grant
-- caveat: counts of few persons; not for publication

CREATE TABLE mart.grant_cell AS
WITH granted AS (
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
        person_year.record_key,
        CASE outcome.outcome
            WHEN 'FP' THEN person_year.diagnosis_fp
            WHEN 'FJ' THEN person_year.diagnosis_fj
            WHEN 'ANY' THEN person_year.diagnosis_any
        END AS diagnosis_group,
        first_grant.municipality_code AS decision_municipality_code
    FROM mart.person_year
    CROSS JOIN (VALUES ('FP'), ('FJ'), ('ANY')) AS outcome (outcome)
    INNER JOIN core.first_grant
        ON
            person_year.person_id = first_grant.person_id
            AND outcome.outcome = first_grant.outcome
    WHERE
        CASE outcome.outcome
            WHEN 'FP' THEN person_year.event_fp
            WHEN 'FJ' THEN person_year.event_fj
            WHEN 'ANY' THEN person_year.event_any
        END
)

SELECT
    granted.outcome,
    granted.year,
    granted.municipality_code,
    granted.age_band,
    granted.sex,
    granted.education,
    granted.origin,
    granted.family,
    granted.labour_status,
    granted.tenure_band,
    granted.sickness_weeks_band,
    granted.mental_health,
    granted.somatic_health,
    granted.gp_contacts_band,
    granted.diagnosis_group,
    granted.decision_municipality_code,
    count(*) AS n_events,
    CAST(sum(granted.record_key) AS BIGINT) AS events_key
FROM granted
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
COMMENT ON COLUMN mart.grant_cell.decision_municipality_code IS 'Municipality that decided.';
COMMENT ON COLUMN mart.grant_cell.n_events IS 'First grants in the year.';
COMMENT ON COLUMN mart.grant_cell.events_key IS 'Sum of the record keys of n_events.';
