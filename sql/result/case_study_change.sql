-- object: result.case_study_change
-- grain: one row per municipality with a change, where the data reach the baseline
-- key: run_id, selection, municipality_code
-- units: rank, log odds, persons
-- source: pipeline.model.cases.change_selection, from the other tables of the release
-- reads: none
-- caveat: in the manner of VIVE 2024; limits in numbers are ours, declared in pipeline/cases; change is against that of the country
-- disclosure: counts

CREATE TABLE result.case_study_change (
    run_id VARCHAR NOT NULL,
    selection VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    side VARCHAR,
    standing VARCHAR NOT NULL,
    failed VARCHAR,
    rank INTEGER NOT NULL,
    change_effect_shrunk DOUBLE NOT NULL,
    change_effect_shrunk_low DOUBLE NOT NULL,
    change_effect_shrunk_high DOUBLE NOT NULL,
    population_2007 BIGINT NOT NULL,
    is_reported BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, selection, municipality_code)
);

COMMENT ON TABLE result.case_study_change IS
'Case municipalities by change against the baseline: risen, fallen and unchanged ones, and why the others are not among them.';
COMMENT ON COLUMN result.case_study_change.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.case_study_change.selection IS
'The declared case-study selection, by name.';
COMMENT ON COLUMN result.case_study_change.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.case_study_change.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN result.case_study_change.side IS
'rising, falling or unchanged against the country; null in between, or where a criterion is not met.';
COMMENT ON COLUMN result.case_study_change.standing IS
'chosen, not_best (on a side, not in the best set), between (meets the criteria, on no side), near (fails one criterion), out.';
COMMENT ON COLUMN result.case_study_change.failed IS
'Criteria it does not meet, with commas between: residents, expected, reported.';
COMMENT ON COLUMN result.case_study_change.rank IS
'Rank of change_effect; 1 is the largest fall relative to the country; ties share the lowest.';
COMMENT ON COLUMN result.case_study_change.change_effect_shrunk IS
'change_effect drawn towards the mean of municipalities (empirical Bayes).';
COMMENT ON COLUMN result.case_study_change.change_effect_shrunk_low IS
'Lower limit of change_effect_shrunk.';
COMMENT ON COLUMN result.case_study_change.change_effect_shrunk_high IS
'Upper limit of change_effect_shrunk.';
COMMENT ON COLUMN result.case_study_change.population_2007 IS 'Inhabitants on 1 January 2007.';
COMMENT ON COLUMN result.case_study_change.is_reported IS
'False where coverage of the year or of some of its months is too low for chance: the year is left out.';
