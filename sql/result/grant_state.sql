-- object: result.grant_state
-- grain: one row per outcome, years since the grant and group of benefit states
-- key: run_id, outcome, years_since_grant, state_group
-- units: persons, shares 0-1
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: of every first grant in the data at the ages of the benchmark, not only those of its years: who is followed longer was granted earlier; missing where too few are expected
-- disclosure: counts

CREATE TABLE result.grant_state (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    years_since_grant INTEGER NOT NULL,
    state_group VARCHAR NOT NULL,
    n_followed BIGINT NOT NULL,
    n_persons BIGINT,
    noise_sd DOUBLE,
    share DOUBLE,
    share_low DOUBLE,
    share_high DOUBLE,
    is_suppressed BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, outcome, years_since_grant, state_group)
);

COMMENT ON TABLE result.grant_state IS
'On what those granted a pension or flexjob were in the week before the grant, and on what they are each year after it, the whole country.';
COMMENT ON COLUMN result.grant_state.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.grant_state.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.grant_state.years_since_grant IS
'Years from the grant to the week looked at; 0 is the last week before the grant.';
COMMENT ON COLUMN result.grant_state.state_group IS
'Group of benefit states; codes.state_group names it.';
COMMENT ON COLUMN result.grant_state.n_followed IS
'Grants that the registers follow so long, with noise.';
COMMENT ON COLUMN result.grant_state.n_persons IS 'Persons in the state, with noise.';
COMMENT ON COLUMN result.grant_state.noise_sd IS
'Standard deviation of the noise that protects n_persons; 0 where it is exact.';
COMMENT ON COLUMN result.grant_state.share IS
'Share of those followed so long, 0-1, of counts as shown.';
COMMENT ON COLUMN result.grant_state.share_low IS 'Lower limit of it.';
COMMENT ON COLUMN result.grant_state.share_high IS 'Upper limit of it.';
COMMENT ON COLUMN result.grant_state.is_suppressed IS
'Whether disclosure control withholds the count and what would reveal it.';
