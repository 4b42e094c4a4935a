-- object: result.tenure_flow
-- grain: one row per area, quarter, direction and state
-- key: run_id, area_code, year, quarter, direction, state_group
-- units: persons
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: between the ends of two quarters: who comes and leaves within one is not counted; stock before, plus in, less out, is stock after, checked on the counts before noise; missing where too few are expected in a quarter
-- disclosure: counts

CREATE TABLE result.tenure_flow (
    run_id VARCHAR NOT NULL,
    area_code VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    quarter INTEGER NOT NULL,
    direction VARCHAR NOT NULL,
    state_group VARCHAR NOT NULL,
    n_persons BIGINT,
    noise_sd DOUBLE,
    is_suppressed BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, area_code, year, quarter, direction, state_group)
);

COMMENT ON TABLE result.tenure_flow IS
'Who came on cash or education benefit in each quarter and who left it, by the state before or after.';
COMMENT ON COLUMN result.tenure_flow.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.tenure_flow.area_code IS
'000 the whole country, else the municipality, three digits.';
COMMENT ON COLUMN result.tenure_flow.year IS 'ISO year.';
COMMENT ON COLUMN result.tenure_flow.quarter IS 'Quarter of the year, 1 to 4; 13 ISO weeks.';
COMMENT ON COLUMN result.tenure_flow.direction IS 'in: comes on the benefit; out: leaves it.';
COMMENT ON COLUMN result.tenure_flow.state_group IS
'Where they came from or went to, as in codes.state_group; all: the sum; moved: on benefit in another municipality.';
COMMENT ON COLUMN result.tenure_flow.n_persons IS 'Persons, with noise.';
COMMENT ON COLUMN result.tenure_flow.noise_sd IS
'Standard deviation of the noise that protects n_persons; 0 where it is exact.';
COMMENT ON COLUMN result.tenure_flow.is_suppressed IS
'Whether disclosure control withholds the count and what would reveal it.';
