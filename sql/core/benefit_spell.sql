-- object: core.benefit_spell
-- grain: one row per person and unbroken run of weeks with one benefit code
-- key: person_id, first_week_position
-- units: weeks
-- source: STAR, DREAM
-- reads: raw.dream, core.week, codes.benefit_code
-- caveat: one code per week, the highest in priority; a run goes on across a week the file lacks

CREATE TABLE core.benefit_spell AS
WITH code_state AS (
    SELECT
        benefit_code.benefit_state,
        lpad(
            CAST(
                unnest(
                    generate_series(
                        CAST(benefit_code.code_first AS INTEGER),
                        CAST(benefit_code.code_last AS INTEGER)
                    )
                ) AS VARCHAR
            ), 3, '0'
        ) AS benefit_code
    FROM codes.benefit_code
),

history AS (
    SELECT
        PNR AS person_id,
        list_value(*COLUMNS('^y_[0-9]{4}$')) AS week_codes
    FROM raw.dream
),

-- Positions where the code differs from that of the week before.
change AS (
    SELECT
        person_id,
        week_codes,
        list_filter(
            generate_series(1, len(week_codes)),
            LAMBDA i: week_codes[i] IS DISTINCT FROM week_codes[i - 1]
        ) AS positions
    FROM history
),

run AS (
    SELECT
        person_id,
        unnest(list_transform(positions, LAMBDA i: week_codes[i])) AS benefit_code,
        CAST(unnest(positions) AS INTEGER) AS first_week_position,
        CAST(
            unnest(list_append(positions[2:], len(week_codes) + 1)) - 1 AS INTEGER
        ) AS last_week_position
    FROM change
)

SELECT
    run.person_id,
    run.benefit_code,
    code_state.benefit_state,
    run.first_week_position,
    run.last_week_position,
    first_week.monday_date AS first_week_date,
    last_week.monday_date AS last_week_date,
    run.last_week_position - run.first_week_position + 1 AS n_weeks
FROM run
INNER JOIN code_state ON run.benefit_code = code_state.benefit_code
INNER JOIN core.week AS first_week ON run.first_week_position = first_week.week_position
INNER JOIN core.week AS last_week ON run.last_week_position = last_week.week_position;

COMMENT ON TABLE core.benefit_spell IS 'Runs of weeks on one benefit code.';
COMMENT ON COLUMN core.benefit_spell.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN core.benefit_spell.benefit_code IS 'DREAM code, three digits.';
COMMENT ON COLUMN core.benefit_spell.benefit_state IS 'State the code stands for.';
COMMENT ON COLUMN core.benefit_spell.first_week_position IS 'First week, as in core.week.';
COMMENT ON COLUMN core.benefit_spell.last_week_position IS 'Last week, as in core.week.';
COMMENT ON COLUMN core.benefit_spell.first_week_date IS 'Monday of the first week.';
COMMENT ON COLUMN core.benefit_spell.last_week_date IS 'Monday of the last week.';
COMMENT ON COLUMN core.benefit_spell.n_weeks IS 'Weeks in the run.';
