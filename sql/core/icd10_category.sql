-- object: core.icd10_category
-- grain: one row per ICD-10 category
-- key: category_code
-- units: none
-- source: pipeline/codes/diagnosis_range.csv
-- reads: codes.diagnosis_group, codes.diagnosis_range
-- caveat: every letter and two digits that fall in a range; where ranges overlap, lowest priority

CREATE TABLE core.icd10_category AS
WITH category AS (
    SELECT chr(CAST(letters.letter AS INTEGER)) || lpad(CAST(numbers.n AS VARCHAR), 2, '0') AS code
    FROM generate_series(65, 90) AS letters (letter)
    CROSS JOIN generate_series(0, 99) AS numbers (n)
)

SELECT
    category.code AS category_code,
    arg_min(diagnosis_group.diagnosis_group, diagnosis_group.priority) AS diagnosis_group
FROM category
INNER JOIN codes.diagnosis_range
    ON category.code BETWEEN diagnosis_range.icd10_first AND diagnosis_range.icd10_last
INNER JOIN codes.diagnosis_group
    ON diagnosis_range.diagnosis_group = diagnosis_group.diagnosis_group
GROUP BY category.code
ORDER BY category.code;

COMMENT ON TABLE core.icd10_category IS 'Main diagnosis group of each ICD-10 category.';
COMMENT ON COLUMN core.icd10_category.category_code IS 'First three characters of the diagnosis.';
COMMENT ON COLUMN core.icd10_category.diagnosis_group IS 'Main diagnosis group.';
