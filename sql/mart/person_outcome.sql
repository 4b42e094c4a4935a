-- object: mart.person_outcome
-- grain: one row per person and outcome
-- key: person_id, outcome
-- units: none
-- source: Ankestyrelsen; STAR, DREAM
-- reads: core.decision, core.benefit_spell, core.week, codes.outcome
-- caveat: first in the data; who is in a state in the first week of DREAM came to it then or before;
--   a week that DREAM lacks breaks no run

CREATE TABLE mart.person_outcome AS
WITH granted AS (
    SELECT
        decision.person_id,
        outcome.outcome,
        outcome.priority,
        decision.decision_date AS outcome_date,
        CAST(year(decision.decision_date) AS INTEGER) AS outcome_year,
        decision.diagnosis_group,
        decision.diagnosis_subgroup,
        decision.municipality_code
    FROM core.decision
    INNER JOIN codes.outcome
        ON outcome.rule = 'decision' AND decision.case_type = outcome.case_type
    WHERE decision.decision = 'grant'
),

-- Outcomes that DREAM tells, by their rule or because no decision on them was delivered.
of_weeks AS (
    SELECT
        outcome.outcome,
        outcome.priority,
        outcome.rule,
        coalesce(outcome.weeks, 0) AS weeks,
        string_split(outcome.states, ' ') AS states
    FROM codes.outcome
    WHERE
        outcome.rule IN ('weeks', 'spell')
        OR (
            outcome.fallback = 'dream'
            AND outcome.outcome NOT IN (SELECT granted.outcome FROM granted)
        )
),

spell AS (
    SELECT
        benefit_spell.person_id,
        of_weeks.outcome,
        of_weeks.priority,
        of_weeks.rule,
        of_weeks.weeks,
        benefit_spell.first_week_position,
        benefit_spell.n_weeks,
        CAST(
            benefit_spell.first_week_position > 1 + lag(benefit_spell.last_week_position) OVER (
                PARTITION BY benefit_spell.person_id, of_weeks.outcome
                ORDER BY benefit_spell.first_week_position
            ) AS INTEGER
        ) AS begins_run
    FROM core.benefit_spell
    INNER JOIN of_weeks ON list_contains(of_weeks.states, benefit_spell.benefit_state)
),

-- What a person had until a spell is summed by a join: a sum over an ordered window is wrong from
-- 1,041,748 partitions in the pinned version (docs/duckdb_versions.md).
run AS (
    SELECT
        spell.person_id,
        spell.outcome,
        spell.priority,
        spell.weeks,
        spell.first_week_position,
        spell.n_weeks,
        -- All weeks of a person are one run where they need not be unbroken.
        CASE
            WHEN spell.rule = 'spell'
                THEN max(
                    CASE WHEN earlier.begins_run = 1 THEN earlier.first_week_position ELSE 0 END
                )
            ELSE 0
        END AS run_begin
    FROM spell
    INNER JOIN spell AS earlier
        ON
            spell.person_id = earlier.person_id
            AND spell.outcome = earlier.outcome
            AND spell.first_week_position >= earlier.first_week_position
    GROUP BY
        spell.person_id,
        spell.outcome,
        spell.priority,
        spell.rule,
        spell.weeks,
        spell.first_week_position,
        spell.n_weeks
),

counted AS (
    SELECT
        run.person_id,
        run.outcome,
        run.priority,
        run.weeks,
        run.first_week_position,
        run.n_weeks,
        sum(earlier.n_weeks) AS weeks_until
    FROM run
    INNER JOIN run AS earlier
        ON
            run.person_id = earlier.person_id
            AND run.outcome = earlier.outcome
            AND run.run_begin = earlier.run_begin
            AND run.first_week_position >= earlier.first_week_position
    GROUP BY
        run.person_id,
        run.outcome,
        run.priority,
        run.weeks,
        run.first_week_position,
        run.n_weeks
),

passed AS (
    SELECT
        counted.person_id,
        counted.outcome,
        counted.priority,
        min(
            counted.first_week_position + counted.weeks - (counted.weeks_until - counted.n_weeks)
        ) AS week_position
    FROM counted
    WHERE
        counted.weeks_until > counted.weeks
        AND counted.weeks_until - counted.n_weeks <= counted.weeks
    GROUP BY counted.person_id, counted.outcome, counted.priority
),

single AS (
    SELECT
        granted.person_id,
        granted.outcome,
        granted.priority,
        granted.outcome_date,
        granted.outcome_year,
        granted.diagnosis_group,
        granted.diagnosis_subgroup,
        granted.municipality_code,
        FALSE AS is_from_dream
    FROM granted
    UNION ALL
    SELECT
        passed.person_id,
        passed.outcome,
        passed.priority,
        week.monday_date AS outcome_date,
        week.iso_year AS outcome_year,
        'other' AS diagnosis_group,
        'other_rest' AS diagnosis_subgroup,
        NULL AS municipality_code,
        TRUE AS is_from_dream
    FROM passed
    INNER JOIN core.week ON passed.week_position = week.week_position
),

whole AS (
    SELECT
        outcome.outcome,
        unnest(string_split(outcome.parts, ' ')) AS part
    FROM codes.outcome
    WHERE outcome.rule = 'first_of'
),

candidate AS (
    SELECT
        single.person_id,
        single.outcome,
        single.priority,
        single.outcome_date,
        single.outcome_year,
        single.diagnosis_group,
        single.diagnosis_subgroup,
        single.municipality_code,
        single.is_from_dream
    FROM single
    UNION ALL
    SELECT
        single.person_id,
        whole.outcome,
        single.priority,
        single.outcome_date,
        single.outcome_year,
        single.diagnosis_group,
        single.diagnosis_subgroup,
        single.municipality_code,
        single.is_from_dream
    FROM single
    INNER JOIN whole ON single.outcome = whole.part
)

SELECT
    candidate.person_id,
    candidate.outcome,
    candidate.outcome_date,
    candidate.outcome_year,
    candidate.diagnosis_group,
    candidate.diagnosis_subgroup,
    candidate.municipality_code,
    candidate.is_from_dream
FROM candidate
QUALIFY
    row_number() OVER (
        PARTITION BY candidate.person_id, candidate.outcome
        ORDER BY candidate.outcome_date, candidate.priority
    ) = 1;

COMMENT ON TABLE mart.person_outcome IS 'The first time of each outcome per person.';
COMMENT ON COLUMN mart.person_outcome.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN mart.person_outcome.outcome IS 'Outcome; see codes.outcome.';
COMMENT ON COLUMN mart.person_outcome.outcome_date IS
'Date of decision, or Monday of the week in DREAM.';
COMMENT ON COLUMN mart.person_outcome.outcome_year IS
'Calendar year of the decision, or ISO year of the week.';
COMMENT ON COLUMN mart.person_outcome.diagnosis_group IS
'Main diagnosis group of the grant; other where DREAM tells the outcome.';
COMMENT ON COLUMN mart.person_outcome.diagnosis_subgroup IS
'Part of the main diagnosis group; other_rest where DREAM tells the outcome.';
COMMENT ON COLUMN mart.person_outcome.municipality_code IS
'Municipality that decided; null where DREAM tells the outcome.';
COMMENT ON COLUMN mart.person_outcome.is_from_dream IS
'True where DREAM tells the outcome, by its rule or for want of decisions.';
