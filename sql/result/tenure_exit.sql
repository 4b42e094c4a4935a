-- object: result.tenure_exit
-- grain: one row per area, year and year of tenure
-- key: run_id, area_code, year, tenure_year
-- units: persons, shares 0-1
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: who leaves and comes back within the year has not left; a move to another municipality is no exit; unadjusted for who they are; missing where too few are expected to leave in a year
-- disclosure: counts

CREATE TABLE result.tenure_exit (
    run_id VARCHAR NOT NULL,
    area_code VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    tenure_year INTEGER NOT NULL,
    n_persons BIGINT,
    noise_sd DOUBLE,
    n_exits BIGINT,
    exit_share DOUBLE,
    exit_share_low DOUBLE,
    exit_share_high DOUBLE,
    is_suppressed BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, area_code, year, tenure_year)
);

COMMENT ON TABLE result.tenure_exit IS
'Share of those on cash or education benefit when a year begins who are off it when it ends, by year of tenure.';
COMMENT ON COLUMN result.tenure_exit.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.tenure_exit.area_code IS
'000 the whole country, else the municipality, three digits.';
COMMENT ON COLUMN result.tenure_exit.year IS 'Year in which they leave.';
COMMENT ON COLUMN result.tenure_exit.tenure_year IS
'Whole years of cumulative tenure passed when the year begins; 10 is ten or more.';
COMMENT ON COLUMN result.tenure_exit.n_persons IS
'Persons on the benefit when the year begins, with noise.';
COMMENT ON COLUMN result.tenure_exit.noise_sd IS
'Standard deviation of the noise that protects n_persons; 0 where it is exact.';
COMMENT ON COLUMN result.tenure_exit.n_exits IS
'Persons not on the benefit when the year ends, with noise.';
COMMENT ON COLUMN result.tenure_exit.exit_share IS
'Exits over persons when the year begins, 0-1, of counts as shown.';
COMMENT ON COLUMN result.tenure_exit.exit_share_low IS 'Lower limit of exit_share, noise included.';
COMMENT ON COLUMN result.tenure_exit.exit_share_high IS
'Upper limit of exit_share, noise included.';
COMMENT ON COLUMN result.tenure_exit.is_suppressed IS
'Whether disclosure control withholds the count and what would reveal it.';
