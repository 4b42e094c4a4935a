-- object: mart.completeness
-- grain: one row per municipality and month of the years with decisions
-- key: municipality_code, year, month
-- units: persons
-- source: DREAM and Ankestyrelsen
-- reads: core.benefit_spell, core.week, core.decision, core.person_snapshot, codes.municipality
-- caveat: a pension is taken to begin a week after its decision when months are told apart; counts of
--   few persons; not for publication

CREATE TABLE mart.completeness AS
WITH year_with_decisions AS (
    SELECT DISTINCT CAST(year(decision.decision_date) AS INTEGER) AS year
    FROM core.decision
    WHERE decision.case_type = 'FP' AND decision.decision = 'grant'
),

first_pension AS (
    SELECT
        benefit_spell.person_id,
        min(benefit_spell.first_week_position) AS first_week_position,
        min(benefit_spell.first_week_date) AS first_week_date
    FROM core.benefit_spell
    WHERE benefit_spell.benefit_state = 'disability_pension'
    GROUP BY benefit_spell.person_id
),

-- Who is on a pension in the first week of DREAM got it before.
new_pension AS (
    SELECT
        first_pension.person_id,
        first_pension.first_week_date,
        CAST(year(first_pension.first_week_date - to_days(7)) AS INTEGER) AS year,
        CAST(month(first_pension.first_week_date - to_days(7)) AS INTEGER) AS month
    FROM first_pension
    WHERE
        first_pension.first_week_position > (SELECT min(week.week_position) FROM core.week)
),

pension_in_register AS (
    SELECT DISTINCT new_pension.person_id
    FROM new_pension
    INNER JOIN core.decision ON new_pension.person_id = decision.person_id
    WHERE
        decision.case_type = 'FP'
        AND decision.decision = 'grant'
        AND decision.decision_date
        BETWEEN new_pension.first_week_date - to_days(366)
        AND new_pension.first_week_date + to_days(366)
),

pension_of_resident AS (
    SELECT
        person_snapshot.municipality_code,
        new_pension.year,
        new_pension.month,
        pension_in_register.person_id IS NOT NULL AS is_in_register,
        record_key(new_pension.person_id) AS record_key
    FROM new_pension
    INNER JOIN core.person_snapshot
        ON
            new_pension.person_id = person_snapshot.person_id
            AND new_pension.year - 1 = person_snapshot.snapshot_year
    LEFT JOIN pension_in_register ON new_pension.person_id = pension_in_register.person_id
)

SELECT
    municipality.municipality_code,
    year_with_decisions.year,
    CAST(month_of_year.month AS INTEGER) AS month,
    count(*) FILTER (WHERE pension_of_resident.is_in_register) AS n_register,
    count(pension_of_resident.municipality_code) AS n_dream,
    CAST(
        coalesce(
            sum(pension_of_resident.record_key) FILTER (WHERE pension_of_resident.is_in_register),
            0
        ) AS BIGINT
    ) AS register_key,
    CAST(coalesce(sum(pension_of_resident.record_key), 0) AS BIGINT) AS dream_key
FROM codes.municipality
CROSS JOIN year_with_decisions
CROSS JOIN range(1, 13) AS month_of_year (month)
LEFT JOIN pension_of_resident
    ON
        municipality.municipality_code = pension_of_resident.municipality_code
        AND year_with_decisions.year = pension_of_resident.year
        AND month_of_year.month = pension_of_resident.month
GROUP BY municipality.municipality_code, year_with_decisions.year, month_of_year.month
ORDER BY municipality.municipality_code, year_with_decisions.year, month_of_year.month;

COMMENT ON TABLE mart.completeness IS 'New disability pensions in DREAM, and how many of them the decisions know.';
COMMENT ON COLUMN mart.completeness.municipality_code IS 'Municipality of residence on 31 December before.';
COMMENT ON COLUMN mart.completeness.year IS 'Year of the pension''s first week, less a week.';
COMMENT ON COLUMN mart.completeness.month IS 'Month of the same day, 1-12.';
COMMENT ON COLUMN mart.completeness.n_register IS 'Of n_dream, those with a grant in the register of decisions within a year.';
COMMENT ON COLUMN mart.completeness.n_dream IS 'Persons whose first week on disability pension falls in the month, less a week.';
COMMENT ON COLUMN mart.completeness.register_key IS 'Sum of the record keys of n_register.';
COMMENT ON COLUMN mart.completeness.dream_key IS 'Sum of the record keys of n_dream.';
