-- object: result.displacement
-- grain: one row per pair of outcomes, model and municipality
-- key: run_id, outcome, model, other_outcome, municipality_code
-- units: log odds, probabilities 0-1
-- source: pipeline.model.followups.displacement, through pipeline.disclosure
-- reads: none
-- caveat: effects are drawn together over both outcomes; opposite practice need not be displacement of the same persons
-- disclosure: counts

CREATE TABLE result.displacement (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    other_outcome VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    practice_effect_shrunk DOUBLE NOT NULL,
    practice_effect_shrunk_low DOUBLE NOT NULL,
    practice_effect_shrunk_high DOUBLE NOT NULL,
    other_effect_shrunk DOUBLE NOT NULL,
    other_effect_shrunk_low DOUBLE NOT NULL,
    other_effect_shrunk_high DOUBLE NOT NULL,
    effect_difference DOUBLE NOT NULL,
    effect_difference_low DOUBLE NOT NULL,
    effect_difference_high DOUBLE NOT NULL,
    p_low_high DOUBLE NOT NULL,
    p_high_low DOUBLE NOT NULL,
    PRIMARY KEY (run_id, outcome, model, other_outcome, municipality_code)
);

COMMENT ON TABLE result.displacement IS
'Practice in two outcomes together: who grants little of one and much of the other.';
COMMENT ON COLUMN result.displacement.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.displacement.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.displacement.model IS
'pooled: no municipality terms; within: one dummy per municipality; conditions: framework conditions too; no_health: within, without health factors.';
COMMENT ON COLUMN result.displacement.other_outcome IS 'The outcome that is held against it.';
COMMENT ON COLUMN result.displacement.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN result.displacement.practice_effect_shrunk IS
'Empirical-Bayes estimate of the practice effect.';
COMMENT ON COLUMN result.displacement.practice_effect_shrunk_low IS
'Lower limit of practice_effect_shrunk at the level in result.setting; holds on average over municipalities.';
COMMENT ON COLUMN result.displacement.practice_effect_shrunk_high IS
'Upper limit of practice_effect_shrunk at the level in result.setting; holds on average over municipalities.';
COMMENT ON COLUMN result.displacement.other_effect_shrunk IS
'Practice effect on the other outcome, drawn together with the first.';
COMMENT ON COLUMN result.displacement.other_effect_shrunk_low IS
'Lower limit of other_effect_shrunk at the level in result.setting.';
COMMENT ON COLUMN result.displacement.other_effect_shrunk_high IS
'Upper limit of other_effect_shrunk at the level in result.setting.';
COMMENT ON COLUMN result.displacement.effect_difference IS
'The first effect less the other, both shrunken.';
COMMENT ON COLUMN result.displacement.effect_difference_low IS
'Lower limit of effect_difference at the level in result.setting, with the joint error.';
COMMENT ON COLUMN result.displacement.effect_difference_high IS
'Upper limit of effect_difference at the level in result.setting, with the joint error.';
COMMENT ON COLUMN result.displacement.p_low_high IS
'Probability that practice is below the country''s in the outcome and above it in the other, 0-1.';
COMMENT ON COLUMN result.displacement.p_high_low IS
'Probability that practice is above the country''s in the outcome and below it in the other, 0-1.';
