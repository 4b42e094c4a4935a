-- object: result.tenure_stock
-- grain: one row per area, quarter, dimension and level
-- key: run_id, area_code, year, quarter, dimension, level
-- units: persons
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: tenure counts the weeks that DREAM covers until then, across breaks and moves: bands longer than that are empty; each count has its own noise, so levels add up but for it; missing where too few are expected in a quarter
-- disclosure: counts

CREATE TABLE result.tenure_stock (
    run_id VARCHAR NOT NULL,
    area_code VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    quarter INTEGER NOT NULL,
    dimension VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    n_persons BIGINT,
    noise_sd DOUBLE,
    is_suppressed BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, area_code, year, quarter, dimension, level)
);

COMMENT ON TABLE result.tenure_stock IS
'Persons on cash or education benefit at the end of each quarter, by one dimension at a time.';
COMMENT ON COLUMN result.tenure_stock.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.tenure_stock.area_code IS
'000 the whole country, else the municipality, three digits.';
COMMENT ON COLUMN result.tenure_stock.year IS 'ISO year.';
COMMENT ON COLUMN result.tenure_stock.quarter IS 'Quarter of the year, 1 to 4; 13 ISO weeks.';
COMMENT ON COLUMN result.tenure_stock.dimension IS
'all, tenure_band, benefit_state, or benefit_age: the benefit, below 30 or not.';
COMMENT ON COLUMN result.tenure_stock.level IS
'Level of the dimension; tenure in years of 52 weeks, over its first number and up to its second.';
COMMENT ON COLUMN result.tenure_stock.n_persons IS 'Persons, with noise.';
COMMENT ON COLUMN result.tenure_stock.noise_sd IS
'Standard deviation of the noise that protects n_persons; 0 where it is exact.';
COMMENT ON COLUMN result.tenure_stock.is_suppressed IS
'Whether disclosure control withholds the count and what would reveal it.';
