-- object: result.case_study_set
-- grain: one row per set and municipality in it
-- key: run_id, selection, set_number, municipality_code
-- units: scores, standard deviations
-- source: pipeline.model.cases.selection, from the other tables of the release
-- reads: none
-- caveat: the best under the declared preference; sets of the same score are not the only ones
-- disclosure: counts

CREATE TABLE result.case_study_set (
    run_id VARCHAR NOT NULL,
    selection VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    set_number INTEGER NOT NULL,
    cluster_number INTEGER NOT NULL,
    municipality_code VARCHAR NOT NULL,
    side VARCHAR NOT NULL,
    set_score DOUBLE NOT NULL,
    labour_distance DOUBLE,
    is_whole BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, selection, set_number, municipality_code)
);

COMMENT ON TABLE result.case_study_set IS
'The best sets of clusters of municipalities to interview.';
COMMENT ON COLUMN result.case_study_set.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.case_study_set.selection IS 'The declared case-study selection, by name.';
COMMENT ON COLUMN result.case_study_set.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.case_study_set.set_number IS
'1 is the best set; later ones differ in one municipality or more.';
COMMENT ON COLUMN result.case_study_set.cluster_number IS 'Number of the cluster within the set.';
COMMENT ON COLUMN result.case_study_set.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN result.case_study_set.side IS
'few or many: on which side of the ranking the municipality is.';
COMMENT ON COLUMN result.case_study_set.set_score IS
'Mean share of specifications on their side, less what the distance between labour markets weighs.';
COMMENT ON COLUMN result.case_study_set.labour_distance IS
'Largest difference between two municipalities of the cluster in any condition.';
COMMENT ON COLUMN result.case_study_set.is_whole IS
'Whether the set has as many clusters as are asked for.';
