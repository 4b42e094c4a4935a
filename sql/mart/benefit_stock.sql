-- object: mart.benefit_stock
-- grain: one row per person on cash or education benefit in the last week of a quarter
-- key: person_id, quarter_number
-- units: weeks, years
-- source: STAR, DREAM; BEF
-- reads: mart.quarter, core.benefit_spell, core.person_snapshot
-- caveat: DREAM has one state a week, the highest in priority; tenure is cumulative over all weeks
--   that DREAM covers until then, across breaks and moves

CREATE TABLE mart.benefit_stock AS
WITH spell AS (
    SELECT
        benefit_spell.person_id,
        benefit_spell.benefit_state,
        benefit_spell.first_week_position,
        benefit_spell.last_week_position
    FROM core.benefit_spell
    WHERE benefit_spell.benefit_state IN ('cash_benefit', 'education_benefit')
),

present AS (
    SELECT
        spell.person_id,
        quarter.quarter_number,
        quarter.week_position,
        person_snapshot.municipality_code,
        person_snapshot.age_years,
        spell.benefit_state
    FROM spell
    INNER JOIN mart.quarter
        ON
            quarter.week_position BETWEEN spell.first_week_position AND spell.last_week_position
    INNER JOIN core.person_snapshot
        ON
            spell.person_id = person_snapshot.person_id
            AND quarter.snapshot_year = person_snapshot.snapshot_year
    WHERE
        person_snapshot.age_years BETWEEN getvariable('age_first') AND getvariable('age_last')
)

SELECT
    present.person_id,
    present.quarter_number,
    present.municipality_code,
    present.age_years,
    present.benefit_state,
    CAST(
        sum(least(spell.last_week_position, present.week_position) - spell.first_week_position + 1)
        AS INTEGER
    ) AS tenure_weeks,
    record_key(present.person_id) AS record_key
FROM present
INNER JOIN spell
    ON
        present.person_id = spell.person_id
        AND present.week_position >= spell.first_week_position
GROUP BY
    present.person_id,
    present.quarter_number,
    present.municipality_code,
    present.age_years,
    present.benefit_state
ORDER BY present.quarter_number, present.person_id;

COMMENT ON TABLE mart.benefit_stock IS
'Persons on cash or education benefit at the end of each quarter, with their tenure.';
COMMENT ON COLUMN mart.benefit_stock.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN mart.benefit_stock.quarter_number IS 'Quarter, as in mart.quarter.';
COMMENT ON COLUMN mart.benefit_stock.municipality_code IS
'Municipality of residence on the 31 December that mart.quarter names.';
COMMENT ON COLUMN mart.benefit_stock.age_years IS 'Age on that day, full years.';
COMMENT ON COLUMN mart.benefit_stock.benefit_state IS 'cash_benefit or education_benefit.';
COMMENT ON COLUMN mart.benefit_stock.tenure_weeks IS
'Weeks on either benefit until the end of the quarter, cumulative.';
COMMENT ON COLUMN mart.benefit_stock.record_key IS 'Record key of the person, 0 to 62^4 - 1.';
