-- object: result.grant_history
-- grain: one row per outcome, municipality and year
-- key: run_id, outcome, municipality_code, year
-- units: persons, grants, shares 0-1
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: not adjusted for composition; residents of 18-64 at the end of the year before, at risk or not
-- disclosure: counts

CREATE TABLE result.grant_history (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    residents BIGINT NOT NULL,
    observed BIGINT,
    noise_sd DOUBLE,
    observed_share DOUBLE,
    observed_share_low DOUBLE,
    observed_share_high DOUBLE,
    is_suppressed BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, outcome, municipality_code, year)
);

COMMENT ON TABLE result.grant_history IS
'First grants by year since the registers begin, without adjustment.';
COMMENT ON COLUMN result.grant_history.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.grant_history.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.grant_history.municipality_code IS 'Municipality, as of 1 January 2007.';
COMMENT ON COLUMN result.grant_history.year IS 'Year of the grant.';
COMMENT ON COLUMN result.grant_history.residents IS 'Residents aged 18-64 on 31 December before.';
COMMENT ON COLUMN result.grant_history.observed IS
'First grants to them in the year; null when withheld.';
COMMENT ON COLUMN result.grant_history.noise_sd IS
'Standard deviation of the noise that protects observed; 0 where it is exact.';
COMMENT ON COLUMN result.grant_history.observed_share IS
'Observed over residents, 0-1; null when withheld.';
COMMENT ON COLUMN result.grant_history.observed_share_low IS
'Lower limit of observed_share at the level in result.setting: chance and noise; null when withheld.';
COMMENT ON COLUMN result.grant_history.observed_share_high IS
'Upper limit of observed_share at the level in result.setting: chance and noise; null when withheld.';
COMMENT ON COLUMN result.grant_history.is_suppressed IS
'Whether disclosure control withholds the count and what would reveal it.';
