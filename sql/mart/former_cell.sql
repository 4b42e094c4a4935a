-- object: mart.former_cell
-- grain: one row per outcome, year, municipality, the one of before 2007 and factor levels
-- key: none
-- units: persons
-- source: mart.person_year, mart.risk_change, BEF
-- reads: mart.person_year, mart.risk_change, mart.former_resident, mart.year_at_risk,
--   codes.outcome
-- caveat: a part of mart.model_cell: those in mart.former_resident, of the first year at risk with any;
--   rows in no order; counts of few persons; not for publication

CREATE TABLE mart.former_cell AS
WITH first_one AS (
    SELECT min(former_resident.year) AS year
    FROM mart.former_resident
    SEMI JOIN mart.year_at_risk ON former_resident.year = year_at_risk.year
),

merged AS (
    SELECT
        person_year.*,  -- noqa: AM04
        former_resident.former_municipality_code
    FROM mart.person_year
    INNER JOIN first_one ON person_year.year = first_one.year
    INNER JOIN mart.former_resident
        ON
            person_year.person_id = former_resident.person_id
            AND person_year.year = former_resident.year
)

-- As mart.person_risk, of the few who are asked for.
SELECT
    outcome.outcome,
    merged.year,
    merged.municipality_code,
    merged.former_municipality_code,
    COLUMNS(LAMBDA name: list_contains(getvariable('factors'), name)),  -- noqa: RF02
    count(*) AS n_persons
FROM merged
CROSS JOIN codes.outcome
LEFT JOIN mart.risk_change
    ON
        merged.person_id = risk_change.person_id
        AND merged.year = risk_change.year
        AND outcome.outcome = risk_change.outcome
WHERE
    coalesce(risk_change.is_at_risk, TRUE)
    AND list_contains(getvariable('outcomes'), outcome.outcome)
GROUP BY ALL;

COMMENT ON TABLE mart.former_cell IS
'Cells of those at risk in merged municipalities by the municipality of before 2007.';
COMMENT ON COLUMN mart.former_cell.outcome IS 'Outcome; see codes.outcome.';
COMMENT ON COLUMN mart.former_cell.year IS 'Year at risk.';
COMMENT ON COLUMN mart.former_cell.municipality_code IS
'Municipality of residence on 31 December before.';
COMMENT ON COLUMN mart.former_cell.former_municipality_code IS
'Municipality of before 2007, as in mart.former_resident.';
COMMENT ON COLUMN mart.former_cell.n_persons IS 'Persons at risk of the outcome.';
