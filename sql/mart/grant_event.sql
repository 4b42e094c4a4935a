-- object: mart.grant_event
-- grain: one row per first grant of a pension or flexjob to a person at risk in a year at risk
-- key: person_id, outcome
-- units: weeks
-- source: mart.person_risk
-- reads: mart.person_risk, mart.person_outcome, core.week
-- caveat: outcomes by decision; a grant whose five years before DREAM does not cover is left out

CREATE TABLE mart.grant_event AS
WITH covered AS (
    SELECT
        min(week.week_position) AS first_week,
        max(week.week_position) AS last_week
    FROM core.week
),

placed AS (
    SELECT
        person_risk.person_id,
        person_risk.outcome,
        person_risk.year,
        person_risk.municipality_code,
        person_risk.record_key,
        COLUMNS(
            LAMBDA name: list_contains(getvariable('factors'), name)  -- noqa: RF02
        ),
        week.week_position AS grant_week
    FROM mart.person_risk
    INNER JOIN mart.person_outcome
        ON
            person_risk.person_id = person_outcome.person_id
            AND person_risk.outcome = person_outcome.outcome
    INNER JOIN core.week
        ON
            person_outcome.outcome_date >= week.monday_date
            AND person_outcome.outcome_date < week.monday_date + 7
    WHERE person_risk.is_event AND person_risk.outcome IN ('FP', 'FJ')
)

SELECT placed.*  -- noqa: AM04
FROM placed
CROSS JOIN covered
WHERE placed.grant_week - 260 >= covered.first_week
ORDER BY placed.outcome, placed.person_id;

COMMENT ON TABLE mart.grant_event IS
'First grants of a pension or flexjob that five years of DREAM stand before.';
COMMENT ON COLUMN mart.grant_event.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN mart.grant_event.outcome IS 'FP or FJ.';
COMMENT ON COLUMN mart.grant_event.year IS 'Year of the grant.';
COMMENT ON COLUMN mart.grant_event.municipality_code IS
'Municipality of residence on 31 December before.';
COMMENT ON COLUMN mart.grant_event.record_key IS 'Record key of the person, 0 to 62^4 - 1.';
COMMENT ON COLUMN mart.grant_event.grant_week IS 'Week of the grant, as in core.week.';
