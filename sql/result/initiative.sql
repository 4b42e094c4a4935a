-- object: result.initiative
-- grain: one row per initiative, measure and method
-- key: run_id, initiative, measure, method
-- units: benefit_weeks and support_weeks: per cent of weeks; FP and FJ: grants per 1,000 persons and year
-- source: pipeline.model.initiatives, through pipeline.disclosure
-- reads: none
-- caveat: of all residents of the ages, taking part or not, against municipalities that had not begun; holds as far as they would have gone the same way; method participants is of those who took part against people of the same age, sex, benefit and time on benefit where it had not begun, and holds as far as who takes part differs from them in nothing else; p-values are of each row alone; no rows where the home declares no initiative
-- disclosure: counts

CREATE TABLE result.initiative (
    run_id VARCHAR NOT NULL,
    initiative VARCHAR NOT NULL,
    title_da VARCHAR NOT NULL,
    title_en VARCHAR NOT NULL,
    measure VARCHAR NOT NULL,
    method VARCHAR NOT NULL,
    verdict VARCHAR NOT NULL,
    adopters VARCHAR NOT NULL,
    starts VARCHAR NOT NULL,
    age_range VARCHAR NOT NULL,
    period VARCHAR NOT NULL,
    n_units INTEGER NOT NULL,
    n_before INTEGER NOT NULL,
    n_after INTEGER NOT NULL,
    n_participants INTEGER,
    n_compared INTEGER,
    level_before DOUBLE,
    level_observed DOUBLE,
    level_expected DOUBLE,
    effect DOUBLE,
    effect_low DOUBLE,
    effect_high DOUBLE,
    clustered_se DOUBLE,
    p_value DOUBLE,
    detectable DOUBLE,
    relevant_share DOUBLE NOT NULL,
    relevant_change DOUBLE,
    largest_possible DOUBLE,
    placebo_effect DOUBLE,
    placebo_p_value DOUBLE,
    n_assignments INTEGER NOT NULL,
    is_exact BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, initiative, measure, method)
);

COMMENT ON TABLE result.initiative IS
'Effect of each declared initiative on each outcome, mean over the periods after it began, with what chance alone would do.';
COMMENT ON COLUMN result.initiative.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.initiative.initiative IS 'The declared initiative, by name.';
COMMENT ON COLUMN result.initiative.title_da IS 'Title of the initiative in Danish.';
COMMENT ON COLUMN result.initiative.title_en IS 'Title of the initiative in English.';
COMMENT ON COLUMN result.initiative.measure IS
'benefit_weeks: weeks on cash or education benefit; support_weeks: weeks self-supporting or in education; FP, FJ: first grants.';
COMMENT ON COLUMN result.initiative.method IS
'group_time (Callaway & Sant''Anna 2021), or synthetic (a mixture of the others that moved alike before; one municipality only), or participants (those who took part against people like them elsewhere).';
COMMENT ON COLUMN result.initiative.verdict IS
'fall, rise (beyond chance); no_change (as large as relevant_change would have been found in 4 of 5 cases); cannot_tell; too_few (participants to be told of); not_covered (by the registers).';
COMMENT ON COLUMN result.initiative.adopters IS
'Codes of the municipalities that adopted it, with commas between.';
COMMENT ON COLUMN result.initiative.starts IS 'Day on which each of them began, in the same order.';
COMMENT ON COLUMN result.initiative.age_range IS 'Ages on the eve of the year, both ends included.';
COMMENT ON COLUMN result.initiative.period IS 'quarter, half_year or year.';
COMMENT ON COLUMN result.initiative.n_units IS
'Municipalities known in every period, adopters included.';
COMMENT ON COLUMN result.initiative.n_before IS 'Periods before the first adopter began.';
COMMENT ON COLUMN result.initiative.n_after IS 'Periods since the first adopter began.';
COMMENT ON COLUMN result.initiative.n_participants IS
'How many took part, counted with noise; missing where no file names them.';
COMMENT ON COLUMN result.initiative.n_compared IS
'Participants of whom people like them are known elsewhere, counted with noise.';
COMMENT ON COLUMN result.initiative.level_before IS
'Level of the adopters in the base periods before.';
COMMENT ON COLUMN result.initiative.level_observed IS
'Level of those who took part, since they began.';
COMMENT ON COLUMN result.initiative.level_expected IS
'Level of people of the same age, sex, benefit and time on benefit in municipalities without the initiative.';
COMMENT ON COLUMN result.initiative.effect IS
'Difference to what was to be expected without the initiative, mean over the periods after.';
COMMENT ON COLUMN result.initiative.effect_low IS
'Lower limit of effect at the level in result.setting: what the randomisation test would not refuse.';
COMMENT ON COLUMN result.initiative.effect_high IS 'Upper limit of effect, likewise.';
COMMENT ON COLUMN result.initiative.clustered_se IS
'Standard error clustered by municipality; from ten adopters on, as of fewer it is too small.';
COMMENT ON COLUMN result.initiative.p_value IS
'Share of assignments of the initiative to municipalities whose effect is no smaller in standard errors (randomisation inference); of participants by the normal distribution.';
COMMENT ON COLUMN result.initiative.detectable IS
'Smallest effect that would have been found in 80 % of cases.';
COMMENT ON COLUMN result.initiative.relevant_share IS
'Smallest change one would want to see, share; declared.';
COMMENT ON COLUMN result.initiative.relevant_change IS
'relevant_share of level_before; of per cent of weeks of the smaller of level_before and the rest to 100.';
COMMENT ON COLUMN result.initiative.largest_possible IS
'Effect if it had gone otherwise for every participant; missing where their number is not declared.';
COMMENT ON COLUMN result.initiative.placebo_effect IS
'Effect had it begun earlier, on the time before alone; should be none.';
COMMENT ON COLUMN result.initiative.placebo_p_value IS 'As p_value, of placebo_effect.';
COMMENT ON COLUMN result.initiative.n_assignments IS
'Assignments of the initiative to municipalities that were tried.';
COMMENT ON COLUMN result.initiative.is_exact IS
'Whether they are all there are; else drawn at random.';
