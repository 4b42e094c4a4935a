-- object: analysis.difference_explained
-- database: benchmark
-- grain: one row per outcome and municipality
-- key: outcome, municipality_code
-- units: grants per 1,000 person-years
-- source: result
-- reads: now.decomposition, now.benchmark
-- caveat: three parts add to the difference; practice is what is left, not proof of practice

CREATE VIEW analysis.difference_explained AS
SELECT
    decomposition.outcome,
    decomposition.municipality_code,
    any_value(benchmark.municipality_name) AS municipality_name,
    1000 * max(decomposition.difference_share)
    FILTER (WHERE decomposition.component = 'total') AS difference,
    1000 * max(decomposition.difference_share)
    FILTER (WHERE decomposition.component = 'composition') AS by_composition,
    1000 * max(decomposition.difference_share)
    FILTER (WHERE decomposition.component = 'framework_conditions') AS by_conditions,
    1000 * max(decomposition.difference_share)
    FILTER (WHERE decomposition.component = 'practice') AS by_practice
FROM now.decomposition AS decomposition
INNER JOIN now.benchmark AS benchmark
    ON
        decomposition.outcome = benchmark.outcome
        AND decomposition.municipality_code = benchmark.municipality_code
GROUP BY decomposition.outcome, decomposition.municipality_code;

COMMENT ON VIEW analysis.difference_explained IS
'Why a municipality grants more or fewer than the country, in grants per 1,000 person-years.';
COMMENT ON COLUMN analysis.difference_explained.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN analysis.difference_explained.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN analysis.difference_explained.municipality_name IS
'Name of the municipality.';
COMMENT ON COLUMN analysis.difference_explained.difference IS
'Own grants per 1,000 person-years less the country''s.';
COMMENT ON COLUMN analysis.difference_explained.by_composition IS
'Part that who lives there accounts for.';
COMMENT ON COLUMN analysis.difference_explained.by_conditions IS
'Part that framework conditions account for.';
COMMENT ON COLUMN analysis.difference_explained.by_practice IS
'What is left.';
