-- object: result.former_municipality
-- grain: one row per outcome, municipality, period and the former municipality, all for the municipality as a whole; of merged ones, where the window is near 2007
-- key: run_id, outcome, municipality_code, period, former_municipality_code
-- units: grants, ratios
-- source: pipeline.model.years, through pipeline.disclosure
-- reads: none
-- caveat: expected grants of all years have the composition of the window and the country's level of the year; after 2007 by where residents lived at its beginning, movers within left where they were; of a divided municipality each part is a row
-- disclosure: counts

CREATE TABLE result.former_municipality (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    period VARCHAR NOT NULL,
    former_municipality_code VARCHAR NOT NULL,
    year_from INTEGER NOT NULL,
    year_to INTEGER NOT NULL,
    is_largest BOOLEAN NOT NULL,
    observed BIGINT,
    expected DOUBLE NOT NULL,
    noise_sd DOUBLE,
    ratio DOUBLE,
    ratio_low DOUBLE,
    ratio_high DOUBLE,
    ratio_shrunk DOUBLE NOT NULL,
    ratio_shrunk_low DOUBLE NOT NULL,
    ratio_shrunk_high DOUBLE NOT NULL,
    is_suppressed BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, outcome, municipality_code, period, former_municipality_code)
);

COMMENT ON TABLE result.former_municipality IS
'Observed and expected grants of municipalities that were merged in 2007, before it and after it, and of what they became.';
COMMENT ON COLUMN result.former_municipality.run_id IS
'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.former_municipality.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.former_municipality.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN result.former_municipality.period IS
'before, until 2006, or after, from 2007 on.';
COMMENT ON COLUMN result.former_municipality.former_municipality_code IS
'Municipality of before 2007, three digits; all is the municipality as a whole.';
COMMENT ON COLUMN result.former_municipality.year_from IS 'First year of the period.';
COMMENT ON COLUMN result.former_municipality.year_to IS 'Last year of the period.';
COMMENT ON COLUMN result.former_municipality.is_largest IS
'Whether it had most residents of the parts of the municipality before the reform.';
COMMENT ON COLUMN result.former_municipality.observed IS
'First grants to residents in the period, with noise; null where too few are expected.';
COMMENT ON COLUMN result.former_municipality.expected IS
'Grants expected at national practice, given who lives there (forventet antal).';
COMMENT ON COLUMN result.former_municipality.noise_sd IS
'Standard deviation of the noise that protects observed; 0 where it is exact.';
COMMENT ON COLUMN result.former_municipality.ratio IS
'Observed over expected (O/E); null where nothing is expected or the count is withheld.';
COMMENT ON COLUMN result.former_municipality.ratio_low IS
'Lower limit of ratio at the level in result.setting.';
COMMENT ON COLUMN result.former_municipality.ratio_high IS
'Upper limit of ratio at the level in result.setting.';
COMMENT ON COLUMN result.former_municipality.ratio_shrunk IS
'O/E shrunken towards the other parts of the municipality, median; all is the mean of the parts.';
COMMENT ON COLUMN result.former_municipality.ratio_shrunk_low IS 'Lower limit of ratio_shrunk.';
COMMENT ON COLUMN result.former_municipality.ratio_shrunk_high IS 'Upper limit of ratio_shrunk.';
COMMENT ON COLUMN result.former_municipality.is_suppressed IS
'Whether disclosure control withholds the count and what would reveal it.';
