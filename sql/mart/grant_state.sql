-- object: mart.grant_state
-- grain: one row per outcome, years since the grant and benefit state
-- key: outcome, years_since_grant, benefit_state
-- units: persons, years
-- source: Ankestyrelsen; STAR, DREAM; BEF
-- reads: mart.person_outcome, core.person_snapshot, core.benefit_spell, core.week, codes.outcome
-- caveat: of every first grant in the data to persons of the benchmark's ages, so that later years
--   rest on earlier grants; outcomes by decision; 0 is the last week before the grant

CREATE TABLE mart.grant_state AS
WITH covered AS (
    SELECT max(week.week_position) AS last_week FROM core.week
),

since AS (
    SELECT unnest(generate_series(0, 10)) AS years_since_grant
),

granted AS (
    SELECT
        person_outcome.person_id,
        person_outcome.outcome,
        week.week_position AS grant_week,
        record_key(person_outcome.person_id) AS record_key
    FROM mart.person_outcome
    INNER JOIN codes.outcome
        ON
            person_outcome.outcome = outcome.outcome
            AND outcome.rule IN ('decision', 'first_of')
            AND list_contains(getvariable('outcomes'), outcome.outcome)
    INNER JOIN core.week
        ON
            person_outcome.outcome_date >= week.monday_date
            AND person_outcome.outcome_date < week.monday_date + 7
    INNER JOIN core.person_snapshot
        ON
            person_outcome.person_id = person_snapshot.person_id
            AND person_outcome.outcome_year - 1 = person_snapshot.snapshot_year
    WHERE
        person_snapshot.age_years BETWEEN getvariable('age_first') AND getvariable('age_last')
),

-- A year is 52 weeks and a day or two.
moment AS (
    SELECT
        granted.person_id,
        granted.outcome,
        granted.record_key,
        CAST(since.years_since_grant AS INTEGER) AS years_since_grant,
        granted.grant_week
        + CASE
            WHEN since.years_since_grant = 0 THEN -1
            ELSE CAST(round(since.years_since_grant * 365.25 / 7) AS INTEGER)
        END AS week_position
    FROM granted
    CROSS JOIN since
)

SELECT
    moment.outcome,
    moment.years_since_grant,
    coalesce(benefit_spell.benefit_state, 'none') AS benefit_state,
    count(*) AS n_persons,
    CAST(sum(moment.record_key) AS BIGINT) AS persons_key
FROM moment
CROSS JOIN covered
LEFT JOIN core.benefit_spell
    ON
        moment.person_id = benefit_spell.person_id
        AND moment.week_position BETWEEN benefit_spell.first_week_position
        AND benefit_spell.last_week_position
WHERE moment.week_position BETWEEN 1 AND covered.last_week
GROUP BY ALL
ORDER BY ALL;

COMMENT ON TABLE mart.grant_state IS
'On what those granted a pension or flexjob were before it and each year after it.';
COMMENT ON COLUMN mart.grant_state.outcome IS 'Outcome granted; see codes.outcome.';
COMMENT ON COLUMN mart.grant_state.years_since_grant IS
'Years from the grant to the week looked at; 0 is the last week before the grant.';
COMMENT ON COLUMN mart.grant_state.benefit_state IS
'Benefit state in the week, as in codes.benefit_code; none is no benefit.';
COMMENT ON COLUMN mart.grant_state.n_persons IS 'Persons.';
COMMENT ON COLUMN mart.grant_state.persons_key IS 'Sum of the record keys of n_persons.';
