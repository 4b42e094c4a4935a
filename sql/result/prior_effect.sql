-- object: result.prior_effect
-- grain: one row per outcome and municipality, model within
-- key: run_id, outcome, model, municipality_code
-- units: log odds
-- source: pipeline.model.followups.prior, through pipeline.disclosure
-- reads: none
-- caveat: limits hold on average over municipalities, as those of the shrunken effect do; the free distribution has means only
-- disclosure: counts

CREATE TABLE result.prior_effect (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    effect_robust DOUBLE NOT NULL,
    effect_robust_low DOUBLE NOT NULL,
    effect_robust_high DOUBLE NOT NULL,
    effect_free DOUBLE NOT NULL,
    PRIMARY KEY (run_id, outcome, model, municipality_code)
);

COMMENT ON TABLE result.prior_effect IS
'Each municipality''s practice with limits that take less for granted than the usual ones.';
COMMENT ON COLUMN result.prior_effect.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.prior_effect.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.prior_effect.model IS
'pooled: no municipality terms; within: one dummy per municipality; conditions: framework conditions too; no_health: within, without health factors.';
COMMENT ON COLUMN result.prior_effect.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN result.prior_effect.effect_robust IS
'Shrunken practice by spread and kurtosis alone.';
COMMENT ON COLUMN result.prior_effect.effect_robust_low IS
'Lower limit that holds on average over municipalities whatever the distribution''s shape.';
COMMENT ON COLUMN result.prior_effect.effect_robust_high IS
'Upper limit that holds on average over municipalities whatever the distribution''s shape.';
COMMENT ON COLUMN result.prior_effect.effect_free IS
'Mean of practice under the most likely distribution of any shape.';
