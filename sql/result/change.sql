-- object: result.change
-- grain: one row per outcome and municipality with persons at risk in both windows, where the data reach the baseline
-- key: run_id, outcome, municipality_code
-- units: grants, log O/E, log odds, rank
-- source: pipeline.model.followups.change, through pipeline.disclosure
-- reads: none
-- caveat: each window against its own country, so that a change all municipalities share does not show; model within; ranks of change without grants in a window are those of half a grant
-- disclosure: counts

CREATE TABLE result.change (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    observed BIGINT NOT NULL,
    expected DOUBLE NOT NULL,
    baseline_observed BIGINT NOT NULL,
    baseline_expected DOUBLE NOT NULL,
    ratio DOUBLE,
    baseline_ratio DOUBLE,
    log_ratio_change DOUBLE,
    log_ratio_change_low DOUBLE,
    log_ratio_change_high DOUBLE,
    change_effect DOUBLE,
    change_effect_se DOUBLE,
    change_effect_shrunk DOUBLE NOT NULL,
    change_effect_shrunk_low DOUBLE NOT NULL,
    change_effect_shrunk_high DOUBLE NOT NULL,
    p_value DOUBLE,
    q_value DOUBLE,
    rank INTEGER NOT NULL,
    rank_low INTEGER NOT NULL,
    rank_high INTEGER NOT NULL,
    level_rank INTEGER NOT NULL,
    level_rank_low INTEGER NOT NULL,
    level_rank_high INTEGER NOT NULL,
    PRIMARY KEY (run_id, outcome, municipality_code)
);

COMMENT ON TABLE result.change IS
'Observed and expected grants of the window and of its baseline, the change of O/E with limits, shrunken, ranked beside the level.';
COMMENT ON COLUMN result.change.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.change.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.change.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN result.change.observed IS 'Grants (faktisk antal); null when withheld.';
COMMENT ON COLUMN result.change.expected IS
'Grants expected at national practice, given who lives there (forventet antal).';
COMMENT ON COLUMN result.change.baseline_observed IS 'Grants of the earlier window, as shown.';
COMMENT ON COLUMN result.change.baseline_expected IS
'Expected in the earlier window at its own national practice.';
COMMENT ON COLUMN result.change.ratio IS
'Observed over expected (O/E); null where nothing is expected or the count is withheld.';
COMMENT ON COLUMN result.change.baseline_ratio IS 'O/E of the earlier window.';
COMMENT ON COLUMN result.change.log_ratio_change IS
'Log of O/E now over O/E before; 0 is no change beyond the country.';
COMMENT ON COLUMN result.change.log_ratio_change_low IS
'Lower limit of log_ratio_change (MOVER) at the level in result.setting.';
COMMENT ON COLUMN result.change.log_ratio_change_high IS
'Upper limit of log_ratio_change (MOVER) at the level in result.setting.';
COMMENT ON COLUMN result.change.change_effect IS 'practice_effect now less practice_effect before.';
COMMENT ON COLUMN result.change.change_effect_se IS
'Standard error of change_effect; windows are independent.';
COMMENT ON COLUMN result.change.change_effect_shrunk IS
'change_effect drawn towards the mean of municipalities (empirical Bayes).';
COMMENT ON COLUMN result.change.change_effect_shrunk_low IS 'Lower limit of change_effect_shrunk.';
COMMENT ON COLUMN result.change.change_effect_shrunk_high IS 'Upper limit of change_effect_shrunk.';
COMMENT ON COLUMN result.change.p_value IS
'Two-sided exact mid-p test of observed against expected (Poisson-binomial).';
COMMENT ON COLUMN result.change.q_value IS
'p_value adjusted for testing all municipalities of the outcome and model: the share of false findings to bear for calling this one a finding (Benjamini-Hochberg).';
COMMENT ON COLUMN result.change.rank IS
'Rank of change_effect; 1 is the largest fall relative to the country; ties share the lowest.';
COMMENT ON COLUMN result.change.rank_low IS
'Lower end of the marginal rank confidence set at the level in result.setting.';
COMMENT ON COLUMN result.change.rank_high IS
'Upper end of the marginal rank confidence set at the level in result.setting.';
COMMENT ON COLUMN result.change.level_rank IS
'Rank of practice in the window itself; 1 is fewest granted relative to expectation.';
COMMENT ON COLUMN result.change.level_rank_low IS 'Lower end of the rank set of level.';
COMMENT ON COLUMN result.change.level_rank_high IS 'Upper end of the rank set of level.';
