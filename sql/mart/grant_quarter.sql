-- object: mart.grant_quarter
-- grain: one row per outcome, municipality, year and quarter in which somebody had the outcome
-- key: outcome, municipality_code, year, quarter
-- units: persons
-- source: BEF, Ankestyrelsen
-- reads: core.person_snapshot, mart.person_outcome
-- caveat: calendar quarters of the decision's date; residents and ages as in mart.grant_history, at
--   risk or not; counts of few persons, not for publication

CREATE TABLE mart.grant_quarter AS
SELECT
    person_outcome.outcome,
    person_snapshot.municipality_code,
    person_outcome.outcome_year AS year,
    CAST(quarter(person_outcome.outcome_date) AS INTEGER) AS quarter,
    count(*) AS n_persons,
    CAST(sum(record_key(person_outcome.person_id)) AS BIGINT) AS persons_key
FROM mart.person_outcome
INNER JOIN core.person_snapshot
    ON
        person_outcome.person_id = person_snapshot.person_id
        AND person_outcome.outcome_year = person_snapshot.snapshot_year + 1
WHERE
    list_contains(getvariable('outcomes'), person_outcome.outcome)
    AND person_snapshot.age_years BETWEEN getvariable('age_first') AND getvariable('age_last')
GROUP BY ALL
ORDER BY ALL;

COMMENT ON TABLE mart.grant_quarter IS 'First grants by quarter.';
COMMENT ON COLUMN mart.grant_quarter.outcome IS 'Outcome, as in codes.outcome.';
COMMENT ON COLUMN mart.grant_quarter.municipality_code IS
'Municipality of residence on the eve of the year.';
COMMENT ON COLUMN mart.grant_quarter.year IS 'Year of the outcome.';
COMMENT ON COLUMN mart.grant_quarter.quarter IS 'Calendar quarter of the outcome, 1 to 4.';
COMMENT ON COLUMN mart.grant_quarter.n_persons IS 'Persons who had the outcome first then.';
COMMENT ON COLUMN mart.grant_quarter.persons_key IS 'Sum of the record keys of n_persons.';
