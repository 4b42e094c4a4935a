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
        quarter.quarter_number,
        before.quarter_number AS before_number,
        before.week_position AS before_week,
        quarter.week_position
    FROM mart.quarter AS before
    INNER JOIN mart.quarter ON before.quarter_number + 1 = quarter.quarter_number
),

-- The end of the quarter at which a person is in the stock, and the other end.
side AS (
    SELECT
        step.quarter_number,
        'out' AS direction,
        step.before_number AS own_number,
        step.quarter_number AS other_number,
        step.week_position AS other_week
    FROM step
    UNION ALL
    SELECT
        step.quarter_number,
        'in' AS direction,
        step.quarter_number AS own_number,
        step.before_number AS other_number,
        step.before_week AS other_week
    FROM step
),

flow AS (
    SELECT
        side.quarter_number,
        side.other_week,
        side.direction,
        own.person_id,
        own.municipality_code,
        own.record_key,
        other.municipality_code AS other_municipality_code
    FROM mart.benefit_stock AS own
    INNER JOIN side ON own.quarter_number = side.own_number
    LEFT JOIN mart.benefit_stock AS other
        ON
            own.person_id = other.person_id
            AND side.other_number = other.quarter_number
    WHERE own.municipality_code IS DISTINCT FROM other.municipality_code
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
