-- object: mart.later_cell
-- grain: one row per municipality, factor levels, half of the persons and later states, first year
-- key: none
-- units: persons
-- source: mart.person_risk; STAR, DREAM; BEF; AKM
-- reads: mart.person_risk, core.benefit_spell, core.week, core.person_snapshot,
--   core.labour_market_status, codes.state_group
-- caveat: those at risk of ANY when the first year at risk begins; the state is that of the last ISO
--   week of a year; DREAM tells no work, so that work is known where AKM tells of the year; counts of
--   few persons; not for publication

CREATE TABLE mart.later_cell AS
WITH state AS (
    SELECT
        state_group.state_group,
        unnest(string_split(state_group.benefit_states, ' ')) AS benefit_state
    FROM codes.state_group
),

-- The last week of years that DREAM covers to their end, 1, 2, 3 and 5 years after the beginning.
horizon AS (
    SELECT
        listed.horizon_years,
        week.iso_year,
        max(week.week_position) AS week_position
    FROM (SELECT unnest([1, 2, 3, 5]) AS horizon_years) AS listed
    INNER JOIN core.week
        ON list_min(getvariable('years_at_risk')) + listed.horizon_years - 1 = week.iso_year
    GROUP BY listed.horizon_years, week.iso_year
    HAVING max(week.iso_week) >= 52
),

cohort AS (
    SELECT person_risk.*  -- noqa: AM04
    FROM mart.person_risk
    WHERE
        person_risk.outcome = 'ANY'
        AND person_risk.year = list_min(getvariable('years_at_risk'))
        AND list_contains(getvariable('outcomes'), 'ANY')
),

resident AS (
    SELECT
        person_snapshot.person_id,
        person_snapshot.snapshot_year
    FROM core.person_snapshot
    WHERE person_snapshot.snapshot_year IN (SELECT horizon.iso_year FROM horizon)
),

snapshot AS (
    SELECT DISTINCT resident.snapshot_year FROM resident
),

spell AS (
    SELECT
        benefit_spell.person_id,
        horizon.horizon_years,
        state.state_group
    FROM core.benefit_spell
    INNER JOIN horizon
        ON
            horizon.week_position BETWEEN benefit_spell.first_week_position
            AND benefit_spell.last_week_position
    INNER JOIN state ON benefit_spell.benefit_state = state.benefit_state
),

told AS (
    SELECT
        cohort.person_id,
        horizon.horizon_years,
        CASE
            WHEN spell.state_group = 'dead' THEN 'dead'
            -- Whom neither the population nor DREAM knows has left.
            WHEN snapshot.snapshot_year IS NOT NULL AND resident.person_id IS NULL THEN 'emigrated'
            WHEN
                coalesce(spell.state_group, 'self_support') = 'self_support'
                AND labour_market_status.labour_market_status IN ('employed', 'self_employed')
                THEN 'work'
            ELSE coalesce(spell.state_group, 'self_support')
        END AS later_state
    FROM cohort
    CROSS JOIN horizon
    LEFT JOIN spell
        ON
            cohort.person_id = spell.person_id
            AND horizon.horizon_years = spell.horizon_years
    LEFT JOIN snapshot ON horizon.iso_year = snapshot.snapshot_year
    LEFT JOIN resident
        ON
            cohort.person_id = resident.person_id
            AND horizon.iso_year = resident.snapshot_year
    LEFT JOIN core.labour_market_status
        ON
            cohort.person_id = labour_market_status.person_id
            AND horizon.iso_year = labour_market_status.status_year
),

of_person AS (
    SELECT
        told.person_id,
        max(told.later_state) FILTER (WHERE told.horizon_years = 1) AS state_after_1,
        max(told.later_state) FILTER (WHERE told.horizon_years = 2) AS state_after_2,
        max(told.later_state) FILTER (WHERE told.horizon_years = 3) AS state_after_3,
        max(told.later_state) FILTER (WHERE told.horizon_years = 5) AS state_after_5
    FROM told
    GROUP BY told.person_id
)

SELECT
    cohort.outcome,
    cohort.year,
    cohort.municipality_code,
    COLUMNS(LAMBDA name: list_contains(getvariable('factors'), name)),  -- noqa: RF02
    record_half(cohort.record_key) AS half,
    of_person.state_after_1,
    of_person.state_after_2,
    of_person.state_after_3,
    of_person.state_after_5,
    count(*) AS n_persons,
    CAST(sum(cohort.record_key) AS BIGINT) AS persons_key
FROM cohort
INNER JOIN of_person ON cohort.person_id = of_person.person_id
GROUP BY ALL
ORDER BY ALL;

COMMENT ON TABLE mart.later_cell IS
'Persons at risk when the first year begins, by what has become of them some years later.';
COMMENT ON COLUMN mart.later_cell.outcome IS 'ANY.';
COMMENT ON COLUMN mart.later_cell.year IS 'The first year at risk.';
COMMENT ON COLUMN mart.later_cell.municipality_code IS
'Municipality of residence on 31 December before.';
COMMENT ON COLUMN mart.later_cell.half IS '0 or 1, by the record key of the person.';
COMMENT ON COLUMN mart.later_cell.state_after_1 IS
'Group of states at the end of the year, as in codes.state_group, or work; null where not covered.';
COMMENT ON COLUMN mart.later_cell.state_after_2 IS 'The same a year later.';
COMMENT ON COLUMN mart.later_cell.state_after_3 IS 'The same two years later.';
COMMENT ON COLUMN mart.later_cell.state_after_5 IS 'The same four years later.';
COMMENT ON COLUMN mart.later_cell.n_persons IS 'Persons.';
COMMENT ON COLUMN mart.later_cell.persons_key IS 'Sum of the record keys of n_persons.';
