-- object: mart.pension_stock
-- grain: one row per year, municipality and benefit that somebody is on in its last week
-- key: year, municipality_code, benefit_state
-- units: persons
-- source: STAR, DREAM; BEF
-- reads: core.week, core.benefit_spell, core.person_snapshot
-- caveat: residents of 31 December in the ages asked about; DREAM has one state a week, and a flexjob
--   is one only in weeks of work; counts of few persons, not for publication

CREATE TABLE mart.pension_stock AS
WITH year_end AS (
    SELECT
        week.iso_year AS year,
        max(week.week_position) AS week_position
    FROM core.week
    GROUP BY week.iso_year
    HAVING max(week.iso_week) >= 52
)

SELECT
    year_end.year,
    person_snapshot.municipality_code,
    benefit_spell.benefit_state,
    count(*) AS n_persons,
    CAST(sum(record_key(person_snapshot.person_id)) AS BIGINT) AS persons_key
FROM core.person_snapshot
INNER JOIN year_end ON person_snapshot.snapshot_year = year_end.year
INNER JOIN core.benefit_spell
    ON
        person_snapshot.person_id = benefit_spell.person_id
        AND year_end.week_position
        BETWEEN benefit_spell.first_week_position AND benefit_spell.last_week_position
WHERE
    person_snapshot.age_years BETWEEN getvariable('age_first') AND getvariable('age_last')
    AND benefit_spell.benefit_state IN ('disability_pension', 'flexjob')
GROUP BY ALL
ORDER BY ALL;

COMMENT ON TABLE mart.pension_stock IS 'Persons on disability pension and in flexjob at the end of a year.';
COMMENT ON COLUMN mart.pension_stock.year IS 'Year at whose end they are.';
COMMENT ON COLUMN mart.pension_stock.municipality_code IS 'Municipality of residence.';
COMMENT ON COLUMN mart.pension_stock.benefit_state IS 'disability_pension or flexjob.';
COMMENT ON COLUMN mart.pension_stock.n_persons IS 'Persons.';
COMMENT ON COLUMN mart.pension_stock.persons_key IS 'Sum of the record keys of n_persons.';
