-- object: result.grant_quarter
-- grain: one row per outcome, area, year and quarter
-- key: run_id, outcome, area_code, year, quarter
-- units: persons, shares
-- source: pipeline.model.courses.to_date, through pipeline.disclosure
-- reads: none
-- caveat: not adjusted for composition; residents in the ages asked about, at risk or not; the country and its regions; grants that were not reported are missing from them; each count has its own noise
-- disclosure: counts

CREATE TABLE result.grant_quarter (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    area_code VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    quarter INTEGER NOT NULL,
    n_persons BIGINT,
    noise_sd DOUBLE,
    n_to_date BIGINT,
    to_date_noise_sd DOUBLE,
    to_date_change DOUBLE,
    to_date_change_low DOUBLE,
    to_date_change_high DOUBLE,
    is_suppressed BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, outcome, area_code, year, quarter)
);

COMMENT ON TABLE result.grant_quarter IS
'First grants by quarter, those of the year until its end, and their change from the same quarters of the year before.';
COMMENT ON COLUMN result.grant_quarter.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.grant_quarter.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.grant_quarter.area_code IS
'000 the whole country, 081 to 085 the regions.';
COMMENT ON COLUMN result.grant_quarter.year IS 'Year of the grant.';
COMMENT ON COLUMN result.grant_quarter.quarter IS 'Calendar quarter of the decision, 1 to 4.';
COMMENT ON COLUMN result.grant_quarter.n_persons IS
'Persons first granted in the quarter; null when withheld.';
COMMENT ON COLUMN result.grant_quarter.noise_sd IS
'Standard deviation of the noise that protects n_persons; 0 where it is exact.';
COMMENT ON COLUMN result.grant_quarter.n_to_date IS
'Persons first granted in the year until the end of the quarter; null when withheld.';
COMMENT ON COLUMN result.grant_quarter.to_date_noise_sd IS
'Standard deviation of the noise that protects n_to_date; 0 where it is exact.';
COMMENT ON COLUMN result.grant_quarter.to_date_change IS
'Change of n_to_date from the same quarters of the year before, as a share of them; null in the first year.';
COMMENT ON COLUMN result.grant_quarter.to_date_change_low IS 'Lower limit of to_date_change.';
COMMENT ON COLUMN result.grant_quarter.to_date_change_high IS 'Upper limit of to_date_change.';
COMMENT ON COLUMN result.grant_quarter.is_suppressed IS
'Whether disclosure control withholds the count and what would reveal it.';
