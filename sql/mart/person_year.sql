-- object: mart.person_year
-- grain: one row per person and year at risk
-- key: person_id, year
-- units: none
-- source: all registers
-- reads: mart.resident_year, mart.benefit_history, mart.risk_end
-- caveat: factors are of 31 December before the year at risk, each from its file in sql/factor, put
--   in where this file says so: those of the benchmark, in its order; rows in no order

CREATE TEMP TABLE person_at_risk AS
SELECT
    resident_year.person_id,
    resident_year.year,
    resident_year.municipality_code
FROM mart.resident_year
LEFT JOIN mart.benefit_history
    ON
        resident_year.person_id = benefit_history.person_id
        AND resident_year.year = benefit_history.year
-- Who had an outcome after which nobody is at risk of any.
ANTI JOIN mart.risk_end
    ON
        resident_year.person_id = risk_end.person_id
        AND resident_year.year > risk_end.last_year
        AND list_contains(getvariable('excluded_outcomes'), risk_end.outcome)
-- Whose last week has a code of no list cannot be placed: it may be a pension.
WHERE
    NOT list_contains(
        getvariable('excluded_states'), coalesce(benefit_history.last_week_state, 'none')
    )
    AND coalesce(benefit_history.last_week_state, 'none') != 'unknown';

-- factors: steps

CREATE TABLE mart.person_year AS
SELECT
    person_at_risk.person_id,
    person_at_risk.year,
    person_at_risk.municipality_code,
    -- factors: columns
    record_key(person_at_risk.person_id) AS record_key
-- factors: last step
FROM person_at_risk;

DROP TABLE person_at_risk;

COMMENT ON TABLE mart.person_year IS
'The risk set: persons at risk, with factors. Of which outcome is in mart.person_risk.';
COMMENT ON COLUMN mart.person_year.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN mart.person_year.year IS 'Year at risk.';
COMMENT ON COLUMN mart.person_year.municipality_code IS
'Municipality of residence on 31 December before.';
COMMENT ON COLUMN mart.person_year.record_key IS
'Record key of the person, 0 to 62^4 - 1: decides the noise of published counts.';
