-- object: analysis.municipality_measure
-- database: benchmark
-- grain: one row per municipality, outcome and measure
-- key: municipality_code, outcome, measure
-- units: the measure's own
-- source: result
-- reads: now.case_processing, now.framework_condition, now.municipality, now.practice_profile
-- caveat: outcome ALL where the measure is of no outcome; shares of practice are observed over expected; withheld figures are left out

CREATE VIEW analysis.municipality_measure AS
WITH listed AS (
    SELECT
        cases.municipality_code,
        cases.outcome,
        unnest(['median_days', 'grants_per_refusal', 'mental_share']) AS measure,
        unnest([cases.median_days, cases.grants_per_refusal, cases.mental_share]) AS value
    FROM now.case_processing AS cases
    UNION ALL
    SELECT
        condition.municipality_code,
        'ALL' AS outcome,
        condition.condition AS measure,
        condition.value
    FROM now.framework_condition AS condition
    UNION ALL
    SELECT
        place.municipality_code,
        'ALL' AS outcome,
        unnest(['is_merged', 'population_2007']) AS measure,
        unnest([CAST(place.is_merged AS DOUBLE), CAST(place.population_2007 AS DOUBLE)]) AS value
    FROM now.municipality AS place
    UNION ALL
    SELECT
        level.municipality_code,
        level.outcome,
        level.dimension || '.' || level.level AS measure,
        level.ratio AS value
    FROM now.practice_profile AS level
    WHERE level.model = 'within'
)

SELECT
    listed.municipality_code,
    listed.outcome,
    listed.measure,
    listed.value
FROM listed
WHERE listed.value IS NOT NULL;

COMMENT ON VIEW analysis.municipality_measure IS
'Figures of a municipality by name of the measure, as analysis.by_fifth takes them.';
COMMENT ON COLUMN analysis.municipality_measure.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN analysis.municipality_measure.outcome IS
'FP, FJ, ANY, or ALL where the measure is of no outcome.';
COMMENT ON COLUMN analysis.municipality_measure.measure IS
'Column of case_processing, condition of framework_condition, is_merged, population_2007, or dimension.level of practice_profile.';
COMMENT ON COLUMN analysis.municipality_measure.value IS
'The figure.';
