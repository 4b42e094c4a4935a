-- object: result.case_study_criterion
-- grain: one row per criterion
-- key: run_id, selection, criterion
-- units: the criterion's own, municipalities, clusters
-- source: pipeline.model.cases.selection, from the other tables of the release
-- reads: none
-- caveat: each criterion is left out alone, the others as declared
-- disclosure: counts

CREATE TABLE result.case_study_criterion (
    run_id VARCHAR NOT NULL,
    selection VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    criterion VARCHAR NOT NULL,
    required DOUBLE NOT NULL,
    is_binding BOOLEAN NOT NULL,
    n_out INTEGER,
    n_out_alone INTEGER,
    n_clusters_without INTEGER,
    score_without DOUBLE,
    relaxed_to DOUBLE,
    possible_with VARCHAR,
    PRIMARY KEY (run_id, selection, criterion)
);

COMMENT ON TABLE result.case_study_criterion IS
'Which criteria of the case-study selection bind, and what to relax where it is impossible.';
COMMENT ON COLUMN result.case_study_criterion.run_id IS
'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.case_study_criterion.selection IS
'The declared case-study selection, by name.';
COMMENT ON COLUMN result.case_study_criterion.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.case_study_criterion.criterion IS
'Criterion of municipalities, of clusters or of their number.';
COMMENT ON COLUMN result.case_study_criterion.required IS 'The declared limit; 1 is yes.';
COMMENT ON COLUMN result.case_study_criterion.is_binding IS
'Whether there is more or better to choose without the criterion.';
COMMENT ON COLUMN result.case_study_criterion.n_out IS
'Municipalities that do not meet it; null for criteria of clusters.';
COMMENT ON COLUMN result.case_study_criterion.n_out_alone IS
'Municipalities that meet every other criterion of municipalities.';
COMMENT ON COLUMN result.case_study_criterion.n_clusters_without IS
'Clusters there can be at once without it, at most the number asked for; null where that is too much to search.';
COMMENT ON COLUMN result.case_study_criterion.score_without IS
'Score of the best set without it; null where the request is impossible then too.';
COMMENT ON COLUMN result.case_study_criterion.relaxed_to IS
'The nearest value that makes the request possible; of the number the largest there can be.';
COMMENT ON COLUMN result.case_study_criterion.possible_with IS
'Criteria of which one more has to go where one is not enough.';
