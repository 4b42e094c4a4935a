-- object: result.activity
-- grain: one row per outcome, area, figure and part of the five years
-- key: run_id, outcome, area_code, figure, part
-- units: persons, shares 0-1, measures per person
-- source: pipeline.model.lives.activity, through pipeline.disclosure
-- reads: none
-- caveat: of grants that five years of DREAM stand before; measures are told by the last digit of some benefit codes (codes.measure_code, from memory, to be checked), so that what is tried beside other benefits or work is not seen; municipality of residence when the year of the grant began, wherever the person lived before; a measure is an unbroken run of weeks of one kind; unadjusted for who the citizens are; no causal claim
-- disclosure: counts

CREATE TABLE result.activity (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    area_code VARCHAR NOT NULL,
    figure VARCHAR NOT NULL,
    part VARCHAR NOT NULL,
    n_persons BIGINT,
    n_with BIGINT,
    value DOUBLE,
    low DOUBLE,
    high DOUBLE,
    timing VARCHAR,
    is_suppressed BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, outcome, area_code, figure, part)
);

COMMENT ON TABLE result.activity IS
'Measures beside the benefits in the five years before each grant of the window: who had one, how many, what share of the weeks on a benefit with measures, and when; in the country, in fifths of municipalities by practice and in municipalities.';
COMMENT ON COLUMN result.activity.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.activity.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.activity.area_code IS
'000 the whole country, fifth_1 to fifth_5 the fifths of municipalities from lowest to highest practice, else the municipality, three digits.';
COMMENT ON COLUMN result.activity.figure IS
'any_measure, rehabilitation and work_placement: share of persons with at least one week of it; measures_per_person: mean number begun; weeks_active: share of the weeks on a benefit with measures that were in one.';
COMMENT ON COLUMN result.activity.part IS
'all, first, middle or last third of the five years before the grant, or year_5 (farthest) to year_1.';
COMMENT ON COLUMN result.activity.n_persons IS
'Persons granted, with noise; null where too few are expected.';
COMMENT ON COLUMN result.activity.n_with IS
'Persons of whom it is true, with noise; of shares of persons only.';
COMMENT ON COLUMN result.activity.value IS 'Share (0-1), or measures per person.';
COMMENT ON COLUMN result.activity.low IS
'Lower limit at the level in result.setting; holds chance, that weeks of a person are alike, and noise.';
COMMENT ON COLUMN result.activity.high IS 'Upper limit at the level in result.setting.';
COMMENT ON COLUMN result.activity.timing IS
'late or early where the last third of the five years is surely more or less active than the first one, else untold; on the row weeks_active of all five years.';
COMMENT ON COLUMN result.activity.is_suppressed IS
'Whether disclosure control withholds the count and what would reveal it.';
