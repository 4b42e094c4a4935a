-- object: analysis.completeness_now
-- database: benchmark
-- grain: one row per municipality and year
-- key: municipality_code, year
-- units: grants, shares 0-1
-- source: result
-- reads: now.completeness, now.municipality
-- caveat: counts that are small are null

CREATE VIEW analysis.completeness_now AS
SELECT
    reported.municipality_code,
    place.municipality_name,
    reported.year,
    reported.n_register,
    reported.n_dream,
    reported.coverage,
    reported.coverage_low,
    reported.coverage_high,
    reported.is_reported,
    reported.first_unreported_month,
    reported.last_unreported_month
FROM now.completeness AS reported
INNER JOIN now.municipality AS place
    ON reported.municipality_code = place.municipality_code;

COMMENT ON VIEW analysis.completeness_now IS
'Which municipality reported its decisions in which year, against pensions in the benefit register.';
COMMENT ON COLUMN analysis.completeness_now.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN analysis.completeness_now.municipality_name IS
'Name of the municipality.';
COMMENT ON COLUMN analysis.completeness_now.year IS
'Calendar year.';
COMMENT ON COLUMN analysis.completeness_now.n_register IS
'Pensions granted by the register of decisions.';
COMMENT ON COLUMN analysis.completeness_now.n_dream IS
'Pensions that begin in the benefit register.';
COMMENT ON COLUMN analysis.completeness_now.coverage IS
'First over second.';
COMMENT ON COLUMN analysis.completeness_now.coverage_low IS
'Lower limit of coverage.';
COMMENT ON COLUMN analysis.completeness_now.coverage_high IS
'Upper limit of coverage.';
COMMENT ON COLUMN analysis.completeness_now.is_reported IS
'Whether the year is counted.';
COMMENT ON COLUMN analysis.completeness_now.first_unreported_month IS
'First month without reports, 1-12.';
COMMENT ON COLUMN analysis.completeness_now.last_unreported_month IS
'Last month without reports, 1-12.';
