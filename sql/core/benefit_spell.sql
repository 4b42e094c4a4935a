-- object: core.benefit_spell
-- grain: one row per person and unbroken run of weeks with one benefit code
-- key: person_id, first_week_position
-- units: weeks
-- source: STAR, DREAM
-- reads: raw.dream_run, core.week, codes.benefit_code
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
)

SELECT
    dream_run.PNR AS person_id,
    dream_run.week_code AS benefit_code,
    coalesce(code_state.benefit_state, 'unknown') AS benefit_state,
    first_week.week_position AS first_week_position,
    last_week.week_position AS last_week_position,
    first_week.monday_date AS first_week_date,
    last_week.monday_date AS last_week_date,
    last_week.week_position - first_week.week_position + 1 AS n_weeks
FROM raw.dream_run
LEFT JOIN code_state ON dream_run.week_code = code_state.benefit_code
INNER JOIN core.week AS first_week ON dream_run.first_week = first_week.week_column
INNER JOIN core.week AS last_week ON dream_run.last_week = last_week.week_column;

COMMENT ON TABLE core.benefit_spell IS 'Runs of weeks on one benefit code.';
COMMENT ON COLUMN core.benefit_spell.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN core.benefit_spell.benefit_code IS 'DREAM code, three digits.';
COMMENT ON COLUMN core.benefit_spell.benefit_state IS 'State the code stands for; unknown when it is of no list.';
COMMENT ON COLUMN core.benefit_spell.first_week_position IS 'First week, as in core.week.';
COMMENT ON COLUMN core.benefit_spell.last_week_position IS 'Last week, as in core.week.';
COMMENT ON COLUMN core.benefit_spell.first_week_date IS 'Monday of the first week.';
COMMENT ON COLUMN core.benefit_spell.last_week_date IS 'Monday of the last week.';
COMMENT ON COLUMN core.benefit_spell.n_weeks IS 'Weeks in the run.';
