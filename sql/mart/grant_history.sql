-- object: mart.grant_history
-- grain: one row per outcome, municipality and year
-- key: outcome, municipality_code, year
-- units: persons, grants
-- source: BEF, Ankestyrelsen
-- reads: core.person_snapshot, mart.person_outcome
-- caveat: residents at risk or not; years with a snapshot before them, from the first outcome to the
--   last; a municipality in which nobody lived on the eve has no residents and no grants

CREATE TABLE mart.grant_history AS
WITH outcome AS (
    SELECT unnest(getvariable('outcomes')) AS outcome
),

resident AS (
    SELECT
        person_snapshot.person_id,
        person_snapshot.municipality_code,
        person_snapshot.snapshot_year + 1 AS year
    FROM core.person_snapshot
    WHERE person_snapshot.age_years BETWEEN getvariable('age_first') AND getvariable('age_last')
),

year_covered AS (
    SELECT
        min(person_outcome.outcome_year) AS first_year,
        max(person_outcome.outcome_year) AS last_year
    FROM mart.person_outcome
    WHERE list_contains(getvariable('outcomes'), person_outcome.outcome)
),

population AS (
    SELECT
        resident.municipality_code,
        resident.year,
        count(*) AS residents
    FROM resident
    CROSS JOIN year_covered
    WHERE resident.year BETWEEN year_covered.first_year AND year_covered.last_year
    GROUP BY resident.municipality_code, resident.year
),

-- Every municipality in every year: one in which nobody lived has none of them.
place AS (
    SELECT DISTINCT population.municipality_code FROM population
),

covered AS (
    SELECT DISTINCT population.year FROM population
),

place_year AS (
    SELECT
        place.municipality_code,
        covered.year
    FROM place
    CROSS JOIN covered
),

granted AS (
    SELECT
        person_outcome.outcome,
        resident.municipality_code,
        resident.year,
        count(*) AS observed,
        CAST(sum(record_key(resident.person_id)) AS BIGINT) AS observed_key
    FROM resident
    INNER JOIN mart.person_outcome
        ON
            resident.person_id = person_outcome.person_id
            AND resident.year = person_outcome.outcome_year
    GROUP BY person_outcome.outcome, resident.municipality_code, resident.year
)

SELECT
    outcome.outcome,
    place_year.municipality_code,
    place_year.year,
    coalesce(population.residents, 0) AS residents,
    coalesce(granted.observed, 0) AS observed,
    coalesce(granted.observed_key, 0) AS observed_key
FROM place_year
CROSS JOIN outcome
LEFT JOIN population
    ON
        place_year.municipality_code = population.municipality_code
        AND place_year.year = population.year
LEFT JOIN granted
    ON
        outcome.outcome = granted.outcome
        AND place_year.municipality_code = granted.municipality_code
        AND place_year.year = granted.year
ORDER BY outcome.outcome, place_year.municipality_code, place_year.year;

COMMENT ON TABLE mart.grant_history IS 'First grants to residents by year, without adjustment.';
COMMENT ON COLUMN mart.grant_history.outcome IS 'FP, FJ, or ANY for the first of either.';
COMMENT ON COLUMN mart.grant_history.municipality_code IS
'Municipality of residence on 31 December before.';
COMMENT ON COLUMN mart.grant_history.year IS 'Year of the grant.';
COMMENT ON COLUMN mart.grant_history.residents IS
'Residents aged age_first to age_last on 31 December before.';
COMMENT ON COLUMN mart.grant_history.observed IS 'First grants to them in the year.';
COMMENT ON COLUMN mart.grant_history.observed_key IS 'Sum of the record keys of observed.';
