-- object: mart.life_cell
-- grain: one row per outcome, year, municipality, half of the persons, age and years on cash benefit
-- key: outcome, year, municipality_code, half, age_years, benefit_years
-- units: persons, grants, years
-- source: mart.person_year, mart.risk_change; BEF; STAR, DREAM
-- reads: mart.person_year, mart.risk_change, mart.person_outcome, mart.benefit_stock,
--   core.person_snapshot, codes.outcome
-- caveat: counts of few persons; not for publication

CREATE TABLE mart.life_cell AS
-- What ends the risk of other outcomes, and when it came.
WITH ending AS (
    SELECT DISTINCT
        person_outcome.person_id,
        person_outcome.outcome_year
    FROM mart.person_outcome
    WHERE list_contains(getvariable('excluded_outcomes'), person_outcome.outcome)
),

person AS (
    SELECT
        person_year.person_id,
        person_year.year,
        person_year.municipality_code,
        record_half(person_year.record_key) AS half,
        person_snapshot.age_years,
        CASE
            WHEN benefit_stock.tenure_weeks IS NOT NULL
                THEN CAST(least(10, (benefit_stock.tenure_weeks - 1) // 52) AS INTEGER)
        END AS benefit_years,
        person_year.record_key,
        ending.person_id IS NOT NULL AS is_ending
    FROM mart.person_year
    INNER JOIN core.person_snapshot
        ON
            person_year.person_id = person_snapshot.person_id
            AND person_snapshot.snapshot_year = person_year.year - 1
    LEFT JOIN mart.benefit_stock
        ON
            person_year.person_id = benefit_stock.person_id
            AND benefit_stock.quarter_number = 4 * (person_year.year - 1) + 3
    LEFT JOIN ending
        ON
            person_year.person_id = ending.person_id
            AND person_year.year = ending.outcome_year
),

-- As mart.person_risk, after what is the same for every outcome.
placed AS (
    SELECT
        outcome.outcome,
        person.year,
        person.municipality_code,
        person.half,
        person.age_years,
        person.benefit_years,
        person.record_key,
        coalesce(risk_change.is_event, FALSE) AS is_event,
        person.is_ending AND NOT coalesce(risk_change.is_event, FALSE) AS is_ended
    FROM person
    CROSS JOIN codes.outcome
    LEFT JOIN mart.risk_change
        ON
            person.person_id = risk_change.person_id
            AND person.year = risk_change.year
            AND outcome.outcome = risk_change.outcome
    WHERE
        coalesce(risk_change.is_at_risk, TRUE)
        AND list_contains(getvariable('outcomes'), outcome.outcome)
)

SELECT
    placed.outcome,
    placed.year,
    placed.municipality_code,
    placed.half,
    placed.age_years,
    placed.benefit_years,
    count(*) AS n_persons,
    count(*) FILTER (WHERE placed.is_event) AS n_events,
    count(*) FILTER (WHERE placed.is_ended) AS n_ended,
    CAST(sum(placed.record_key) AS BIGINT) AS persons_key,
    CAST(
        coalesce(sum(placed.record_key) FILTER (WHERE placed.is_event), 0) AS BIGINT
    ) AS events_key,
    CAST(
        coalesce(sum(placed.record_key) FILTER (WHERE placed.is_ended), 0) AS BIGINT
    ) AS ended_key
FROM placed
GROUP BY ALL
ORDER BY ALL;

COMMENT ON TABLE mart.life_cell IS
'Persons at risk and events by age and by years on cash benefit: what life tables are made of.';
COMMENT ON COLUMN mart.life_cell.outcome IS 'Outcome; see codes.outcome.';
COMMENT ON COLUMN mart.life_cell.year IS 'Year at risk.';
COMMENT ON COLUMN mart.life_cell.municipality_code IS
'Municipality of residence on 31 December before.';
COMMENT ON COLUMN mart.life_cell.half IS '0 or 1, by the record key of the person.';
COMMENT ON COLUMN mart.life_cell.age_years IS 'Full years of age on 31 December before.';
COMMENT ON COLUMN mart.life_cell.benefit_years IS
'Whole years of cumulative tenure passed by who is on cash or education benefit at the end of the
year before, 10 is ten or more; null for who is not on it.';
COMMENT ON COLUMN mart.life_cell.n_persons IS 'Persons at risk of the outcome.';
COMMENT ON COLUMN mart.life_cell.n_events IS 'Persons whom it came to in the year.';
COMMENT ON COLUMN mart.life_cell.n_ended IS
'Persons whom it did not come to and whose risk another outcome ended in the year.';
COMMENT ON COLUMN mart.life_cell.persons_key IS 'Sum of the record keys of n_persons.';
COMMENT ON COLUMN mart.life_cell.events_key IS 'Sum of the record keys of n_events.';
COMMENT ON COLUMN mart.life_cell.ended_key IS 'Sum of the record keys of n_ended.';
