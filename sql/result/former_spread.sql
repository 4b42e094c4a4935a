-- object: result.former_spread
-- grain: one row per outcome and year, where the window is near 2007
-- key: run_id, outcome, year
-- units: standard deviation of log O/E
-- source: pipeline.model.years, from counts as shown
-- reads: none
-- caveat: from 2007 on by where residents lived at its beginning; of grants of one year, so that limits are wide in small countries
-- disclosure: counts

CREATE TABLE result.former_spread (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    n_municipalities INTEGER NOT NULL,
    spread DOUBLE NOT NULL,
    spread_low DOUBLE NOT NULL,
    spread_high DOUBLE NOT NULL,
    PRIMARY KEY (run_id, outcome, year)
);

COMMENT ON TABLE result.former_spread IS
'By year, how far the former municipalities inside the merged ones lie apart in granting, beyond chance and composition.';
COMMENT ON COLUMN result.former_spread.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.former_spread.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.former_spread.year IS 'Year of the grants.';
COMMENT ON COLUMN result.former_spread.n_municipalities IS 'Municipalities that take part.';
COMMENT ON COLUMN result.former_spread.spread IS
'Standard deviation of log O/E between parts of a municipality, beyond chance; nearly the share that two typical parts lie from their mean.';
COMMENT ON COLUMN result.former_spread.spread_low IS 'Lower limit of spread.';
COMMENT ON COLUMN result.former_spread.spread_high IS 'Upper limit of spread.';
