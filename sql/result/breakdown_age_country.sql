-- object: result.breakdown_age_country
-- grain: one row per outcome, model and age band
-- key: run_id, outcome, model, age_band
-- units: person-years, grants
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: the country's row that the municipalities' rows add up to
-- disclosure: counts

CREATE TABLE result.breakdown_age_country (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    age_band VARCHAR NOT NULL,
    n_at_risk BIGINT NOT NULL,
    observed BIGINT,
    expected DOUBLE NOT NULL,
    noise_sd DOUBLE,
    ratio DOUBLE,
    ratio_low DOUBLE,
    ratio_high DOUBLE,
    is_suppressed BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, outcome, model, age_band)
);

COMMENT ON TABLE result.breakdown_age_country IS
'Observed and expected grants of the country by age band.';
COMMENT ON COLUMN result.breakdown_age_country.run_id IS
'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.breakdown_age_country.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.breakdown_age_country.model IS
'pooled: no municipality terms; within: one dummy per municipality; conditions: framework conditions too; no_health: within, without health factors.';
COMMENT ON COLUMN result.breakdown_age_country.age_band IS
'Age at the end of the year before, full years.';
COMMENT ON COLUMN result.breakdown_age_country.n_at_risk IS 'Person-years at risk in the window.';
COMMENT ON COLUMN result.breakdown_age_country.observed IS
'Grants (faktisk antal); null when withheld.';
COMMENT ON COLUMN result.breakdown_age_country.expected IS
'Grants expected at national practice, given who lives there (forventet antal).';
COMMENT ON COLUMN result.breakdown_age_country.noise_sd IS
'Standard deviation of the noise that protects observed; 0 where it is exact.';
COMMENT ON COLUMN result.breakdown_age_country.ratio IS
'Observed over expected (O/E); null where nothing is expected or the count is withheld.';
COMMENT ON COLUMN result.breakdown_age_country.ratio_low IS
'Lower limit of ratio at the level in result.setting.';
COMMENT ON COLUMN result.breakdown_age_country.ratio_high IS
'Upper limit of ratio at the level in result.setting.';
COMMENT ON COLUMN result.breakdown_age_country.is_suppressed IS
'Whether disclosure control withholds the count and what would reveal it.';
