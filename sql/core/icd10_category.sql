-- object: core.icd10_category
-- grain: one row per ICD-10 category
-- key: category_code
-- units: none
-- source: pipeline/codes/diagnosis_range.csv, pipeline/codes/diagnosis_subgroup.csv
-- reads: codes.diagnosis_group, codes.diagnosis_range, codes.diagnosis_subgroup
-- caveat: every letter and two digits that fall in a range; where ranges overlap, lowest priority;
--   what is in no part of its group is in the rest of it

CREATE TABLE core.icd10_category AS
WITH category AS (
    SELECT chr(CAST(letters.letter AS INTEGER)) || lpad(CAST(numbers.n AS VARCHAR), 2, '0') AS code
    FROM generate_series(65, 90) AS letters (letter)
    CROSS JOIN generate_series(0, 99) AS numbers (n)
),

grouped AS (
    SELECT
        category.code,
        arg_min(diagnosis_group.diagnosis_group, diagnosis_group.priority) AS diagnosis_group
    FROM category
    INNER JOIN codes.diagnosis_range
        ON category.code BETWEEN diagnosis_range.icd10_first AND diagnosis_range.icd10_last
    INNER JOIN codes.diagnosis_group
        ON diagnosis_range.diagnosis_group = diagnosis_group.diagnosis_group
    GROUP BY category.code
)

SELECT
    grouped.code AS category_code,
    grouped.diagnosis_group,
    coalesce(
        diagnosis_subgroup.diagnosis_subgroup, grouped.diagnosis_group || '_rest'
    ) AS diagnosis_subgroup
FROM grouped
LEFT JOIN codes.diagnosis_subgroup
    ON
        grouped.diagnosis_group = diagnosis_subgroup.diagnosis_group
        AND grouped.code BETWEEN diagnosis_subgroup.icd10_first AND diagnosis_subgroup.icd10_last
ORDER BY grouped.code;

COMMENT ON TABLE core.icd10_category IS 'Main diagnosis group of each ICD-10 category.';
COMMENT ON COLUMN core.icd10_category.category_code IS 'First three characters of the diagnosis.';
COMMENT ON COLUMN core.icd10_category.diagnosis_group IS 'Main diagnosis group.';
COMMENT ON COLUMN core.icd10_category.diagnosis_subgroup IS
'Part of the main diagnosis group; see codes.diagnosis_subgroup.';
