-- object: result.pathway_state
-- grain: one row per outcome, pathway, week before the grant and state
-- key: run_id, outcome, pathway, weeks_before, state_group
-- units: persons, shares 0-1
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: states without anybody have no row; the clusters where the release has them, else the rules
-- disclosure: counts

CREATE TABLE result.pathway_state (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    pathway VARCHAR NOT NULL,
    weeks_before INTEGER NOT NULL,
    state_group VARCHAR NOT NULL,
    n_persons BIGINT NOT NULL,
    noise_sd DOUBLE NOT NULL,
    share DOUBLE,
    PRIMARY KEY (run_id, outcome, pathway, weeks_before, state_group)
);

COMMENT ON TABLE result.pathway_state IS
'State distribution of each pathway, at every quarter of a year before the grant.';
COMMENT ON COLUMN result.pathway_state.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.pathway_state.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.pathway_state.pathway IS 'Pathway to the grant; codes.pathway names it.';
COMMENT ON COLUMN result.pathway_state.weeks_before IS 'Weeks before the grant.';
COMMENT ON COLUMN result.pathway_state.state_group IS
'Group of benefit states; codes.state_group names it.';
COMMENT ON COLUMN result.pathway_state.n_persons IS 'Persons, with noise.';
COMMENT ON COLUMN result.pathway_state.noise_sd IS
'Standard deviation of the noise that protects n_persons; 0 where it is exact.';
COMMENT ON COLUMN result.pathway_state.share IS 'Share of the counts shown, 0-1.';
