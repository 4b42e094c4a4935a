-- object: mart.risk_end
-- grain: one row per person and outcome whose risk ends
-- key: person_id, outcome
-- units: none
-- source: Ankestyrelsen; STAR, DREAM
-- reads: mart.person_outcome, core.benefit_spell, core.week, codes.outcome
-- caveat: an outcome that is the first of several ends with the first of them

CREATE TABLE mart.risk_end AS
WITH state AS (
    SELECT
        outcome.outcome,
        unnest(string_split(outcome.states, ' ')) AS benefit_state
    FROM codes.outcome
    WHERE outcome.rule = 'decision'
),

ending AS (
    SELECT
        benefit_spell.person_id,
        state.outcome,
        min(week.iso_year) AS last_year
    FROM core.benefit_spell
    INNER JOIN state ON benefit_spell.benefit_state = state.benefit_state
    INNER JOIN core.week ON benefit_spell.first_week_position = week.week_position
    GROUP BY benefit_spell.person_id, state.outcome
    UNION ALL
    SELECT
        person_outcome.person_id,
        person_outcome.outcome,
        person_outcome.outcome_year AS last_year
    FROM mart.person_outcome
),

ended AS (
    SELECT
        outcome.outcome,
        unnest(string_split(coalesce(outcome.parts, outcome.outcome), ' ')) AS part
    FROM codes.outcome
)

SELECT
    ending.person_id,
    ended.outcome,
    CAST(min(ending.last_year) AS INTEGER) AS last_year
FROM ending
INNER JOIN ended ON ending.outcome = ended.part
GROUP BY ending.person_id, ended.outcome;

COMMENT ON TABLE mart.risk_end IS 'The last year in which a person is at risk of an outcome.';
COMMENT ON COLUMN mart.risk_end.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN mart.risk_end.outcome IS 'Outcome; see codes.outcome.';
COMMENT ON COLUMN mart.risk_end.last_year IS
'Year of the outcome, or of the first week in a state that goes with it.';
