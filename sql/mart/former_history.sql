-- object: mart.former_history
-- grain: one row per outcome, year and municipality of before 2007 that was merged
-- key: outcome, municipality_code, former_municipality_code, year
-- units: persons, grants
-- source: BEF, Ankestyrelsen
-- reads: mart.former_resident, mart.person_outcome, mart.grant_history
-- caveat: as mart.grant_history; a year in which nobody lived there has no row

CREATE TABLE mart.former_history AS
WITH outcome AS (
    SELECT unnest(getvariable('outcomes')) AS outcome
),

covered AS (
    SELECT DISTINCT grant_history.year FROM mart.grant_history
),

resident AS (
    SELECT
        former_resident.person_id,
        former_resident.municipality_code,
        former_resident.former_municipality_code,
        former_resident.year
    FROM mart.former_resident
    SEMI JOIN covered ON former_resident.year = covered.year
),

population AS (
    SELECT
        resident.municipality_code,
        resident.former_municipality_code,
        resident.year,
        count(*) AS residents
    FROM resident
    GROUP BY resident.municipality_code, resident.former_municipality_code, resident.year
),

granted AS (
    SELECT
        person_outcome.outcome,
        resident.municipality_code,
        resident.former_municipality_code,
        resident.year,
        count(*) AS observed,
        CAST(sum(record_key(resident.person_id)) AS BIGINT) AS observed_key
    FROM resident
    INNER JOIN mart.person_outcome
        ON
            resident.person_id = person_outcome.person_id
            AND resident.year = person_outcome.outcome_year
    GROUP BY
        person_outcome.outcome,
        resident.municipality_code,
        resident.former_municipality_code,
        resident.year
)

SELECT
    outcome.outcome,
    population.municipality_code,
    population.former_municipality_code,
    population.year,
    population.residents,
    coalesce(granted.observed, 0) AS observed,
    coalesce(granted.observed_key, 0) AS observed_key
FROM population
CROSS JOIN outcome
LEFT JOIN granted
    ON
        outcome.outcome = granted.outcome
        AND population.municipality_code = granted.municipality_code
        AND population.former_municipality_code = granted.former_municipality_code
        AND population.year = granted.year
ORDER BY
    outcome.outcome,
    population.municipality_code,
    population.former_municipality_code,
    population.year;

COMMENT ON TABLE mart.former_history IS
'First grants to residents of merged municipalities, by the municipality of before 2007.';
COMMENT ON COLUMN mart.former_history.outcome IS 'Outcome; see codes.outcome.';
COMMENT ON COLUMN mart.former_history.municipality_code IS 'Municipality of today.';
COMMENT ON COLUMN mart.former_history.former_municipality_code IS
'Municipality of before 2007, as in mart.former_resident.';
COMMENT ON COLUMN mart.former_history.year IS 'Year of the grant.';
COMMENT ON COLUMN mart.former_history.residents IS
'Residents aged age_first to age_last on 31 December before.';
COMMENT ON COLUMN mart.former_history.observed IS 'First grants to them in the year.';
COMMENT ON COLUMN mart.former_history.observed_key IS 'Sum of the record keys of observed.';
