-- object: result.benchmark
-- grain: one row per outcome, model and municipality
-- key: run_id, outcome, model, municipality_code
-- units: persons, grants, shares 0-1, log odds
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: O/E ratios of two municipalities are each against their own reference; rank on practice_effect
-- disclosure: counts

CREATE TABLE result.benchmark (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    municipality_name VARCHAR NOT NULL,
    n_at_risk BIGINT NOT NULL,
    observed BIGINT NOT NULL,
    expected DOUBLE NOT NULL,
    noise_sd DOUBLE,
    difference DOUBLE NOT NULL,
    observed_share DOUBLE NOT NULL,
    expected_share DOUBLE NOT NULL,
    difference_share DOUBLE NOT NULL,
    ratio DOUBLE NOT NULL,
    ratio_low DOUBLE,
    ratio_high DOUBLE,
    practice_effect DOUBLE,
    practice_effect_se DOUBLE,
    practice_effect_superpopulation_se DOUBLE,
    practice_effect_shrunk DOUBLE,
    practice_effect_shrunk_se DOUBLE,
    practice_effect_shrunk_low DOUBLE,
    practice_effect_shrunk_high DOUBLE,
    tau2 DOUBLE,
    tau2_low DOUBLE,
    tau2_high DOUBLE,
    direct_rate DOUBLE,
    reliability DOUBLE,
    p_value DOUBLE,
    flag_95 VARCHAR,
    flag_998 VARCHAR,
    flag_overdispersed VARCHAR,
    q_value DOUBLE,
    flag_discovery VARCHAR,
    coverage DOUBLE NOT NULL,
    PRIMARY KEY (run_id, outcome, model, municipality_code)
);

COMMENT ON TABLE result.benchmark IS 'Observed against expected grants per municipality.';
COMMENT ON COLUMN result.benchmark.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.benchmark.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.benchmark.model IS
'pooled: no municipality terms; within: one dummy per municipality; conditions: framework conditions too; no_health: within, without health factors.';
COMMENT ON COLUMN result.benchmark.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN result.benchmark.municipality_name IS 'Name of the municipality.';
COMMENT ON COLUMN result.benchmark.n_at_risk IS 'Person-years at risk in the window.';
COMMENT ON COLUMN result.benchmark.observed IS 'Grants (faktisk antal); null when withheld.';
COMMENT ON COLUMN result.benchmark.expected IS
'Grants expected at national practice, given who lives there (forventet antal).';
COMMENT ON COLUMN result.benchmark.noise_sd IS
'Standard deviation of the noise that protects observed; 0 where it is exact.';
COMMENT ON COLUMN result.benchmark.difference IS 'observed minus expected.';
COMMENT ON COLUMN result.benchmark.observed_share IS 'observed per person-year at risk, 0-1.';
COMMENT ON COLUMN result.benchmark.expected_share IS 'expected per person-year at risk, 0-1.';
COMMENT ON COLUMN result.benchmark.difference_share IS 'observed_share minus expected_share, 0-1.';
COMMENT ON COLUMN result.benchmark.ratio IS
'Observed over expected (O/E); null where nothing is expected or the count is withheld.';
COMMENT ON COLUMN result.benchmark.ratio_low IS
'Lower limit of ratio at the level in result.setting.';
COMMENT ON COLUMN result.benchmark.ratio_high IS
'Upper limit of ratio at the level in result.setting.';
COMMENT ON COLUMN result.benchmark.practice_effect IS
'Municipal practice in log odds against national practice; null where no grant was observed or when withheld.';
COMMENT ON COLUMN result.benchmark.practice_effect_se IS
'Standard error of practice_effect, coefficient uncertainty included; null with it.';
COMMENT ON COLUMN result.benchmark.practice_effect_superpopulation_se IS
'Model conditions alone: the error if the municipalities are seen as one draw of many, so that the line fitted through their conditions is uncertain too; null for other models.';
COMMENT ON COLUMN result.benchmark.practice_effect_shrunk IS
'Empirical-Bayes estimate of the practice effect.';
COMMENT ON COLUMN result.benchmark.practice_effect_shrunk_se IS
'Standard error of practice_effect_shrunk, that of the average included.';
COMMENT ON COLUMN result.benchmark.practice_effect_shrunk_low IS
'Lower limit of practice_effect_shrunk at the level in result.setting; holds on average over municipalities.';
COMMENT ON COLUMN result.benchmark.practice_effect_shrunk_high IS
'Upper limit of practice_effect_shrunk at the level in result.setting; holds on average over municipalities.';
COMMENT ON COLUMN result.benchmark.tau2 IS
'Variance of true practice effects between municipalities, the same in every row of a model.';
COMMENT ON COLUMN result.benchmark.tau2_low IS
'Lower limit of tau2 at the level in result.setting (restricted likelihood of the counts).';
COMMENT ON COLUMN result.benchmark.tau2_high IS
'Upper limit of tau2 at the level in result.setting (restricted likelihood of the counts).';
COMMENT ON COLUMN result.benchmark.direct_rate IS
'Directly standardised rate: share granted if everyone at risk in Denmark were treated as here, 0-1.';
COMMENT ON COLUMN result.benchmark.reliability IS
'tau2 over tau2 plus squared standard error; below 0.5 a single result says little.';
COMMENT ON COLUMN result.benchmark.p_value IS
'Two-sided exact mid-p test of observed against expected (Poisson-binomial).';
COMMENT ON COLUMN result.benchmark.flag_95 IS
'high or low outside the exact 95 % funnel limits, else within.';
COMMENT ON COLUMN result.benchmark.flag_998 IS
'high or low outside the exact 99.8 % funnel limits, else within.';
COMMENT ON COLUMN result.benchmark.flag_overdispersed IS
'high or low outside 95 % limits widened for overdispersion, else within.';
COMMENT ON COLUMN result.benchmark.q_value IS
'p_value adjusted for testing all municipalities of the outcome and model: the share of false findings to bear for calling this one a finding (Benjamini-Hochberg).';
COMMENT ON COLUMN result.benchmark.flag_discovery IS
'high, low or within: of those called high or low at most 5 % are expected to be so by chance (Benjamini-Hochberg).';
COMMENT ON COLUMN result.benchmark.coverage IS
'Share of the window for which the municipality reported, 0-1.';
