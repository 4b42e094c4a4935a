-- object: result.pension_stock
-- grain: one row per area, year and benefit
-- key: run_id, area_code, year, state_group
-- units: persons
-- source: pipeline.model.courses.to_date, through pipeline.disclosure
-- reads: none
-- caveat: residents in the ages asked about; by DREAM, which has one state a week: between two flexjobs a person is in none; missing where too few are expected
-- disclosure: counts

CREATE TABLE result.pension_stock (
    run_id VARCHAR NOT NULL,
    area_code VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    state_group VARCHAR NOT NULL,
    n_persons BIGINT,
    noise_sd DOUBLE,
    is_suppressed BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, area_code, year, state_group)
);

COMMENT ON TABLE result.pension_stock IS
'Persons on disability pension and in flexjob in the last week of each year.';
COMMENT ON COLUMN result.pension_stock.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.pension_stock.area_code IS
'000 the whole country, else the municipality, three digits.';
COMMENT ON COLUMN result.pension_stock.year IS 'ISO year, at whose end they are.';
COMMENT ON COLUMN result.pension_stock.state_group IS
'Group of benefit states; codes.state_group names it.';
COMMENT ON COLUMN result.pension_stock.n_persons IS 'Persons, with noise.';
COMMENT ON COLUMN result.pension_stock.noise_sd IS
'Standard deviation of the noise that protects n_persons; 0 where it is exact.';
COMMENT ON COLUMN result.pension_stock.is_suppressed IS
'Whether disclosure control withholds the count and what would reveal it.';
