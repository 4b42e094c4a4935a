-- object: result.case_study
-- grain: one row per municipality
-- key: run_id, selection, municipality_code
-- units: ranks, shares 0-1, persons
-- source: pipeline.model.cases.selection, from the other tables of the release
-- reads: none
-- caveat: criteria in the manner of AKF 2009; their limits in numbers are ours, declared in pipeline/cases; what is not known of a queue counts as no queue
-- disclosure: counts

CREATE TABLE result.case_study (
    run_id VARCHAR NOT NULL,
    selection VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    side VARCHAR,
    standing VARCHAR NOT NULL,
    failed VARCHAR,
    set_number INTEGER,
    cluster_number INTEGER,
    rank INTEGER,
    share_of_specifications DOUBLE,
    n_specifications BIGINT NOT NULL,
    population_2007 BIGINT NOT NULL,
    n_former INTEGER NOT NULL,
    is_reported BOOLEAN NOT NULL,
    is_temporary BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, selection, municipality_code)
);

COMMENT ON TABLE result.case_study IS
'Why each municipality is in or out of the case-study selection.';
COMMENT ON COLUMN result.case_study.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.case_study.selection IS 'The declared case-study selection, by name.';
COMMENT ON COLUMN result.case_study.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.case_study.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN result.case_study.side IS
'few or many: on which side of the ranking the municipality is.';
COMMENT ON COLUMN result.case_study.standing IS
'chosen (in the best set), other_set, not_best (fits a cluster), no_cluster (meets its own criteria, fits no cluster), near (fails one criterion), out.';
COMMENT ON COLUMN result.case_study.failed IS
'Criteria it does not meet, with commas between; for no_cluster the criteria of clusters that each alone keep it out.';
COMMENT ON COLUMN result.case_study.set_number IS '1 is the best set.';
COMMENT ON COLUMN result.case_study.cluster_number IS 'Number of the cluster within the set.';
COMMENT ON COLUMN result.case_study.rank IS
'Rank of practice_effect; 1 is fewest granted relative to expectation; ties share the lowest.';
COMMENT ON COLUMN result.case_study.share_of_specifications IS
'Share of the specifications shown in which the municipality is on the same side.';
COMMENT ON COLUMN result.case_study.n_specifications IS
'Specifications with a rank that may be shown for the municipality.';
COMMENT ON COLUMN result.case_study.population_2007 IS 'Inhabitants on 1 January 2007.';
COMMENT ON COLUMN result.case_study.n_former IS
'Municipalities of 2006 that went into it in part or whole.';
COMMENT ON COLUMN result.case_study.is_reported IS
'False where coverage of the year or of some of its months is too low for chance: the year is left out.';
COMMENT ON COLUMN result.case_study.is_temporary IS
'The temporary part is 3 percent at least and beyond chance; of those called so one in twenty at most is chance (Benjamini-Hochberg).';
