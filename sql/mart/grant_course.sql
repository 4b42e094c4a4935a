-- object: mart.grant_course
-- grain: one row per grant and run of weeks on one benefit code in the five years before it
-- key: person_id, outcome, first_week
-- units: weeks
-- source: STAR, DREAM
-- reads: mart.grant_event, core.benefit_spell, codes.measure_code
-- caveat: weeks without a benefit have no row; measure is null where the code's last digit tells none

CREATE TABLE mart.grant_course AS
WITH code_measure AS (
    SELECT
        measure_code.measure,
        lpad(
            CAST(
                unnest(
                    generate_series(
                        CAST(measure_code.code_first AS INTEGER),
                        CAST(measure_code.code_last AS INTEGER)
                    )
                ) AS VARCHAR
            ), 3, '0'
        ) AS benefit_code
    FROM codes.measure_code
)

SELECT
    grant_event.person_id,
    grant_event.outcome,
    benefit_spell.benefit_state,
    code_measure.measure,
    greatest(260 - (grant_event.grant_week - benefit_spell.first_week_position), 0) AS first_week,
    least(260 - (grant_event.grant_week - benefit_spell.last_week_position), 259) AS last_week
FROM mart.grant_event
INNER JOIN core.benefit_spell
    ON
        grant_event.person_id = benefit_spell.person_id
        AND benefit_spell.last_week_position >= grant_event.grant_week - 260
        AND grant_event.grant_week > benefit_spell.first_week_position
LEFT JOIN code_measure ON benefit_spell.benefit_code = code_measure.benefit_code
ORDER BY grant_event.outcome, grant_event.person_id, first_week;

COMMENT ON TABLE mart.grant_course IS 'Benefits in the five years before a grant.';
COMMENT ON COLUMN mart.grant_course.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN mart.grant_course.outcome IS 'FP or FJ.';
COMMENT ON COLUMN mart.grant_course.benefit_state IS 'Benefit state, as in codes.benefit_code.';
COMMENT ON COLUMN mart.grant_course.measure IS
'What goes on beside the benefit, as in codes.measure_code; null where the code does not tell.';
COMMENT ON COLUMN mart.grant_course.first_week IS
'First week, 0 to 259; 259 is the last one before the week of the grant.';
COMMENT ON COLUMN mart.grant_course.last_week IS 'Last week, 0 to 259.';
