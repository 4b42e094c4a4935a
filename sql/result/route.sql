-- object: result.route
-- grain: one row per outcome, municipality, dimension and level
-- key: run_id, outcome, municipality_code, dimension, level
-- units: grants
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: of the main model; state at the end of the year before, not on the day of the grant; levels of a dimension add up to the municipality's total before disclosure control
-- disclosure: counts

CREATE TABLE result.route (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    dimension VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    observed BIGINT,
    expected DOUBLE NOT NULL,
    noise_sd DOUBLE,
    ratio DOUBLE,
    ratio_low DOUBLE,
    ratio_high DOUBLE,
    is_suppressed BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, outcome, municipality_code, dimension, level)
);

COMMENT ON TABLE result.route IS
'Observed and expected grants by the benefit before, weeks on sickness benefit and programmes tried.';
COMMENT ON COLUMN result.route.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.route.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.route.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN result.route.dimension IS
'last_benefit, sickness_duration (weeks on sickness benefit in the 78 weeks before), ever_rehabilitation or ever_resource_programme (in five years).';
COMMENT ON COLUMN result.route.level IS
'Level of the dimension; the first is where those without a benefit are: self_supporting, none, no.';
COMMENT ON COLUMN result.route.observed IS 'Grants (faktisk antal); null when withheld.';
COMMENT ON COLUMN result.route.expected IS
'Grants expected at national practice, given who lives there (forventet antal).';
COMMENT ON COLUMN result.route.noise_sd IS
'Standard deviation of the noise that protects observed; 0 where it is exact.';
COMMENT ON COLUMN result.route.ratio IS
'Observed over expected (O/E); null where nothing is expected or the count is withheld.';
COMMENT ON COLUMN result.route.ratio_low IS 'Lower limit of ratio at the level in result.setting.';
COMMENT ON COLUMN result.route.ratio_high IS 'Upper limit of ratio at the level in result.setting.';
COMMENT ON COLUMN result.route.is_suppressed IS
'Whether disclosure control withholds the count and what would reveal it.';
