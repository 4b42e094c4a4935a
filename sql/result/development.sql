-- object: result.development
-- grain: one row per outcome, model, municipality and year at risk
-- key: run_id, outcome, model, municipality_code, year
-- units: person-years, grants
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: years of the window only; see grant_history for the others
-- disclosure: counts

CREATE TABLE result.development (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    n_at_risk BIGINT NOT NULL,
    observed BIGINT,
    expected DOUBLE NOT NULL,
    noise_sd DOUBLE,
    ratio DOUBLE,
    ratio_low DOUBLE,
    ratio_high DOUBLE,
    is_suppressed BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, outcome, model, municipality_code, year)
);

COMMENT ON TABLE result.development IS 'Observed and expected grants by year at risk.';
COMMENT ON COLUMN result.development.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.development.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.development.model IS
'pooled: no municipality terms; within: one dummy per municipality; conditions: framework conditions too; no_health: within, without health factors.';
COMMENT ON COLUMN result.development.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN result.development.year IS 'Year at risk.';
COMMENT ON COLUMN result.development.n_at_risk IS 'Person-years at risk in the window.';
COMMENT ON COLUMN result.development.observed IS 'Grants (faktisk antal); null when withheld.';
COMMENT ON COLUMN result.development.expected IS
'Grants expected at national practice, given who lives there (forventet antal).';
COMMENT ON COLUMN result.development.noise_sd IS
'Standard deviation of the noise that protects observed; 0 where it is exact.';
COMMENT ON COLUMN result.development.ratio IS
'Observed over expected (O/E); null where nothing is expected or the count is withheld.';
COMMENT ON COLUMN result.development.ratio_low IS
'Lower limit of ratio at the level in result.setting.';
COMMENT ON COLUMN result.development.ratio_high IS
'Upper limit of ratio at the level in result.setting.';
COMMENT ON COLUMN result.development.is_suppressed IS
'Whether disclosure control withholds the count and what would reveal it.';
