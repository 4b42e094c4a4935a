-- object: result.practice_step
-- grain: one row per outcome and municipality, where the registers hold four years or more
-- key: run_id, outcome, municipality_code
-- units: years, ratios, shares 0-1
-- source: pipeline.model.years, from grant_history and benchmark as they are shown
-- reads: none
-- caveat: expected grants of all years have the window's composition and the country's level of the year; a gradual change is dated as a step too; the year says when, not why; years that were not reported or are not shown take no part
-- disclosure: counts

CREATE TABLE result.practice_step (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    year_from INTEGER NOT NULL,
    year_to INTEGER NOT NULL,
    step_year INTEGER,
    step_year_low INTEGER,
    step_year_high INTEGER,
    ratio_before DOUBLE,
    ratio_after DOUBLE,
    step_factor DOUBLE,
    step_factor_low DOUBLE,
    step_factor_high DOUBLE,
    p_value DOUBLE,
    q_value DOUBLE,
    is_step BOOLEAN NOT NULL,
    yearly_variation DOUBLE NOT NULL,
    PRIMARY KEY (run_id, outcome, municipality_code)
);

COMMENT ON TABLE result.practice_step IS
'The likeliest year from which each municipality''s grants against expected lie at another level, with interval, size and a test that there is none.';
COMMENT ON COLUMN result.practice_step.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.practice_step.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.practice_step.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN result.practice_step.year_from IS 'First year that is looked at.';
COMMENT ON COLUMN result.practice_step.year_to IS 'Last year that is looked at.';
COMMENT ON COLUMN result.practice_step.step_year IS
'Likeliest first year of the new level, if there was one step; null where too few years are shown.';
COMMENT ON COLUMN result.practice_step.step_year_low IS 'First year of the interval of step_year.';
COMMENT ON COLUMN result.practice_step.step_year_high IS 'Last year of the interval of step_year.';
COMMENT ON COLUMN result.practice_step.ratio_before IS
'Observed over expected before the step, at the country''s level of each year.';
COMMENT ON COLUMN result.practice_step.ratio_after IS
'Observed over expected from the step on, at the country''s level of each year.';
COMMENT ON COLUMN result.practice_step.step_factor IS
'Level after over level before, over the years that the step may have begun in.';
COMMENT ON COLUMN result.practice_step.step_factor_low IS
'Lower limit of step_factor; that it is the largest of all steps is not accounted for.';
COMMENT ON COLUMN result.practice_step.step_factor_high IS 'Upper limit of step_factor.';
COMMENT ON COLUMN result.practice_step.p_value IS
'Test that the level is the same in all years, by simulation.';
COMMENT ON COLUMN result.practice_step.q_value IS
'p_value adjusted for testing all municipalities of the outcome (Benjamini-Hochberg).';
COMMENT ON COLUMN result.practice_step.is_step IS
'Beyond chance when all municipalities are tested: q_value below 0.05.';
COMMENT ON COLUMN result.practice_step.yearly_variation IS
'Coefficient of variation by which municipalities'' levels move from year to year beyond chance, without steps; one figure for the outcome.';
