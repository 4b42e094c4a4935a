-- object: mart.tenure_flow
-- grain: one row per quarter, municipality, direction and state before or after
-- key: quarter_number, municipality_code, direction, state_group
-- units: persons
-- source: STAR, DREAM; BEF
-- reads: mart.benefit_stock, mart.quarter, core.benefit_spell, codes.state_group
-- caveat: between the ends of two quarters; who leaves and comes back between them is in neither flow

CREATE TABLE mart.tenure_flow AS
WITH step AS (
    SELECT
        before.quarter_number AS before_number,
        before.week_position AS before_week,
        quarter.quarter_number,
        quarter.week_position
    FROM mart.quarter AS before
    INNER JOIN mart.quarter ON before.quarter_number + 1 = quarter.quarter_number
),

-- In the stock at one end of the quarter, and where the person was at the other.
leaving AS (
    SELECT
        step.quarter_number,
        step.week_position AS other_week,
        'out' AS direction,
        benefit_stock.person_id,
        benefit_stock.municipality_code,
        benefit_stock.record_key,
        other.municipality_code AS other_municipality_code
    FROM mart.benefit_stock
    INNER JOIN step ON benefit_stock.quarter_number = step.before_number
    LEFT JOIN mart.benefit_stock AS other
        ON
            benefit_stock.person_id = other.person_id
            AND step.quarter_number = other.quarter_number
),

coming AS (
    SELECT
        step.quarter_number,
        step.before_week AS other_week,
        'in' AS direction,
        benefit_stock.person_id,
        benefit_stock.municipality_code,
        benefit_stock.record_key,
        other.municipality_code AS other_municipality_code
    FROM mart.benefit_stock
    INNER JOIN step ON benefit_stock.quarter_number = step.quarter_number
    LEFT JOIN mart.benefit_stock AS other
        ON
            benefit_stock.person_id = other.person_id
            AND step.before_number = other.quarter_number
),

flow AS (
    SELECT
        leaving.quarter_number,
        leaving.other_week,
        leaving.direction,
        leaving.person_id,
        leaving.municipality_code,
        leaving.record_key,
        leaving.other_municipality_code
    FROM leaving
    WHERE leaving.municipality_code IS DISTINCT FROM leaving.other_municipality_code
    UNION ALL
    SELECT
        coming.quarter_number,
        coming.other_week,
        coming.direction,
        coming.person_id,
        coming.municipality_code,
        coming.record_key,
        coming.other_municipality_code
    FROM coming
    WHERE coming.municipality_code IS DISTINCT FROM coming.other_municipality_code
),

state AS (
    SELECT
        state_group.state_group,
        unnest(string_split(state_group.benefit_states, ' ')) AS benefit_state
    FROM codes.state_group
)

SELECT
    flow.quarter_number,
    flow.municipality_code,
    flow.direction,
    CASE
        WHEN flow.other_municipality_code IS NOT NULL THEN 'moved'
        -- On benefit then too, but of another age, or no resident.
        WHEN state.state_group = 'cash_benefit' THEN 'other'
        ELSE coalesce(state.state_group, 'other')
    END AS state_group,
    count(*) AS n_persons,
    CAST(sum(flow.record_key) AS BIGINT) AS persons_key
FROM flow
LEFT JOIN core.benefit_spell
    ON
        flow.person_id = benefit_spell.person_id
        AND flow.other_week BETWEEN benefit_spell.first_week_position
        AND benefit_spell.last_week_position
LEFT JOIN state ON coalesce(benefit_spell.benefit_state, 'none') = state.benefit_state
GROUP BY ALL
ORDER BY ALL;

COMMENT ON TABLE mart.tenure_flow IS
'Who comes on cash or education benefit and who leaves it, from quarter to quarter.';
COMMENT ON COLUMN mart.tenure_flow.quarter_number IS 'Quarter in which they do, as in mart.quarter.';
COMMENT ON COLUMN mart.tenure_flow.municipality_code IS
'Municipality whose stock they come into or leave.';
COMMENT ON COLUMN mart.tenure_flow.direction IS 'in or out.';
COMMENT ON COLUMN mart.tenure_flow.state_group IS
'State at the other end of the quarter, as in codes.state_group; moved: on benefit elsewhere.';
COMMENT ON COLUMN mart.tenure_flow.n_persons IS 'Persons.';
COMMENT ON COLUMN mart.tenure_flow.persons_key IS 'Sum of the record keys of n_persons.';
