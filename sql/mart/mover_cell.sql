-- object: mart.mover_cell
-- grain: one row per outcome, year, municipality and combination of factor levels
-- key: outcome, year, municipality_code, age_band, sex, education, origin, family, labour_status,
--   tenure_band, sickness_weeks_band, mental_health, somatic_health, gp_contacts_band
-- units: persons, grants
-- source: mart.person_year, BEF
-- reads: mart.person_year, core.person_snapshot
-- caveat: a part of mart.model_cell: those who changed municipality in the year before; not for
--   publication

CREATE TABLE mart.mover_cell AS
WITH at_risk AS (
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
            WHEN 'FP' THEN person_year.event_fp
            WHEN 'FJ' THEN person_year.event_fj
            WHEN 'ANY' THEN person_year.event_any
        END AS is_event
    FROM mart.person_year
    CROSS JOIN (VALUES ('FP'), ('FJ'), ('ANY')) AS outcome (outcome)
    INNER JOIN core.person_snapshot
        ON
            person_year.person_id = person_snapshot.person_id
            AND person_year.year - 2 = person_snapshot.snapshot_year
            AND person_year.municipality_code != person_snapshot.municipality_code
    WHERE
        CASE outcome.outcome
            WHEN 'FP' THEN person_year.is_at_risk_fp
            WHEN 'FJ' THEN person_year.is_at_risk_fj
            WHEN 'ANY' THEN person_year.is_at_risk_any
        END
)

SELECT
    at_risk.outcome,
    at_risk.year,
    at_risk.municipality_code,
    at_risk.age_band,
    at_risk.sex,
    at_risk.education,
    at_risk.origin,
    at_risk.family,
    at_risk.labour_status,
    at_risk.tenure_band,
    at_risk.sickness_weeks_band,
    at_risk.mental_health,
    at_risk.somatic_health,
    at_risk.gp_contacts_band,
    count(*) AS n_persons,
    count(*) FILTER (WHERE at_risk.is_event) AS n_events,
    CAST(sum(at_risk.record_key) AS BIGINT) AS persons_key,
    CAST(
        coalesce(sum(at_risk.record_key) FILTER (WHERE at_risk.is_event), 0) AS BIGINT
    ) AS events_key
FROM at_risk
GROUP BY ALL
ORDER BY ALL;

COMMENT ON TABLE mart.mover_cell IS 'Cells of those at risk who changed municipality in the year before.';
COMMENT ON COLUMN mart.mover_cell.outcome IS 'FP, FJ, or ANY for the first of either.';
COMMENT ON COLUMN mart.mover_cell.year IS 'Year at risk.';
COMMENT ON COLUMN mart.mover_cell.municipality_code IS 'Municipality of residence on 31 December before.';
COMMENT ON COLUMN mart.mover_cell.age_band IS 'Age on 31 December before, full years.';
COMMENT ON COLUMN mart.mover_cell.sex IS 'male or female.';
COMMENT ON COLUMN mart.mover_cell.education IS 'Highest completed education.';
COMMENT ON COLUMN mart.mover_cell.origin IS 'danish, immigrant or descendant.';
COMMENT ON COLUMN mart.mover_cell.family IS 'Married or not, children under 18 at home or not.';
COMMENT ON COLUMN mart.mover_cell.labour_status IS 'Benefit in the last ISO week of the year before.';
COMMENT ON COLUMN mart.mover_cell.tenure_band IS 'Cumulative years on cash or education benefit in the look-back.';
COMMENT ON COLUMN mart.mover_cell.sickness_weeks_band IS 'Weeks on sickness benefit in the year before.';
COMMENT ON COLUMN mart.mover_cell.mental_health IS 'Mental diagnosis, else psychotropic drugs.';
COMMENT ON COLUMN mart.mover_cell.somatic_health IS 'Somatic diagnosis in the look-back.';
COMMENT ON COLUMN mart.mover_cell.gp_contacts_band IS 'Services in general practice in the year before.';
COMMENT ON COLUMN mart.mover_cell.n_persons IS 'Persons at risk of the outcome.';
COMMENT ON COLUMN mart.mover_cell.n_events IS 'First grants in the year.';
COMMENT ON COLUMN mart.mover_cell.persons_key IS 'Sum of the record keys of n_persons.';
COMMENT ON COLUMN mart.mover_cell.events_key IS 'Sum of the record keys of n_events.';
