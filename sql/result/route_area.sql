-- object: result.route_area
-- grain: one row per outcome, area, dimension and level
-- key: run_id, outcome, area, dimension, level
-- units: grants
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: of the main model; state at the end of the year before, not on the day of the grant; levels of a dimension add up to the municipality's total before disclosure control; the country and the regions in one table
-- disclosure: counts

CREATE TABLE result.route_area (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    area VARCHAR NOT NULL,
    dimension VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    observed BIGINT,
    expected DOUBLE NOT NULL,
    noise_sd DOUBLE,
    ratio DOUBLE,
    ratio_low DOUBLE,
    ratio_high DOUBLE,
    is_suppressed BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, outcome, area, dimension, level)
);

COMMENT ON TABLE result.route_area IS
'Observed and expected grants of the country and the five regions by the benefit before, weeks on sickness benefit and programmes tried.';
COMMENT ON COLUMN result.route_area.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.route_area.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.route_area.area IS 'Danmark, or one of the five regions.';
COMMENT ON COLUMN result.route_area.dimension IS
'last_benefit, sickness_duration (weeks on sickness benefit in the 78 weeks before), ever_rehabilitation or ever_resource_programme (in five years).';
COMMENT ON COLUMN result.route_area.level IS
'Level of the dimension; the first is where those without a benefit are: self_supporting, none, no.';
COMMENT ON COLUMN result.route_area.observed IS 'Grants (faktisk antal); null when withheld.';
COMMENT ON COLUMN result.route_area.expected IS
'Grants expected at national practice, given who lives there (forventet antal).';
COMMENT ON COLUMN result.route_area.noise_sd IS
'Standard deviation of the noise that protects observed; 0 where it is exact.';
COMMENT ON COLUMN result.route_area.ratio IS
'Observed over expected (O/E); null where nothing is expected or the count is withheld.';
COMMENT ON COLUMN result.route_area.ratio_low IS
'Lower limit of ratio at the level in result.setting.';
COMMENT ON COLUMN result.route_area.ratio_high IS
'Upper limit of ratio at the level in result.setting.';
COMMENT ON COLUMN result.route_area.is_suppressed IS
'Whether disclosure control withholds the count and what would reveal it.';
