-- object: mart.former_cell
-- grain: one row per outcome, year, municipality, the one of before 2007 and factor levels
-- key: none
-- units: persons
-- source: mart.person_risk, BEF
-- reads: mart.person_risk, mart.former_resident, mart.year_at_risk
-- caveat: a part of mart.model_cell: those in mart.former_resident, of the first year at risk with any;
--   rows in no order; counts of few persons; not for publication

CREATE TABLE mart.former_cell AS
WITH first_one AS (
    SELECT min(former_resident.year) AS year
    FROM mart.former_resident
    SEMI JOIN mart.year_at_risk ON former_resident.year = year_at_risk.year
)

SELECT
    person_risk.outcome,
    person_risk.year,
    person_risk.municipality_code,
    former_resident.former_municipality_code,
    COLUMNS(LAMBDA name: list_contains(getvariable('factors'), name)),  -- noqa: RF02
    count(*) AS n_persons
FROM mart.person_risk
INNER JOIN mart.former_resident
    ON
        person_risk.person_id = former_resident.person_id
        AND person_risk.year = former_resident.year
INNER JOIN first_one ON person_risk.year = first_one.year
WHERE list_contains(getvariable('outcomes'), person_risk.outcome)
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
