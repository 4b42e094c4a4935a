-- object: result.completeness
-- grain: one row per municipality and year
-- key: run_id, municipality_code, year
-- units: persons, shares 0-1
-- source: pipeline.descriptives.completeness, through pipeline.disclosure
-- reads: none
-- caveat: disability pensions only; a municipality that reports neither them nor flexjobs is judged by them
-- disclosure: counts

CREATE TABLE result.completeness (
    run_id VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    n_register BIGINT,
    n_dream BIGINT,
    coverage DOUBLE,
    coverage_low DOUBLE,
    coverage_high DOUBLE,
    is_reported BOOLEAN NOT NULL,
    is_in_quarantine BOOLEAN NOT NULL,
    first_unreported_month INTEGER,
    last_unreported_month INTEGER,
    is_suppressed BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, municipality_code, year)
);

COMMENT ON TABLE result.completeness IS
'Whether a municipality''s grants of a year reached the register of decisions, held against DREAM.';
COMMENT ON COLUMN result.completeness.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.completeness.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN result.completeness.year IS 'Year in which the pensions began.';
COMMENT ON COLUMN result.completeness.n_register IS
'Of n_dream, those with a grant in the register of decisions; null when withheld.';
COMMENT ON COLUMN result.completeness.n_dream IS
'Persons new on disability pension in DREAM; null when withheld.';
COMMENT ON COLUMN result.completeness.coverage IS
'n_register over n_dream, 0-1; null without pensions or when withheld.';
COMMENT ON COLUMN result.completeness.coverage_low IS 'Lower exact limit of coverage.';
COMMENT ON COLUMN result.completeness.coverage_high IS 'Upper exact limit of coverage.';
COMMENT ON COLUMN result.completeness.is_reported IS
'False where coverage of the year or of some of its months is too low for chance: the year is left out.';
COMMENT ON COLUMN result.completeness.is_in_quarantine IS
'True where the decisions that lack were delivered and are in quarantine: the municipality did report.';
COMMENT ON COLUMN result.completeness.first_unreported_month IS
'First month, 1-12, of the run of months that lacks most grants; null for a reported year.';
COMMENT ON COLUMN result.completeness.last_unreported_month IS
'Last month, 1-12, of that run; null for a reported year.';
COMMENT ON COLUMN result.completeness.is_suppressed IS
'Whether disclosure control withholds counts and coverage.';
