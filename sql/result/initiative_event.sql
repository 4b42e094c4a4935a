-- object: result.initiative_event
-- grain: one row per initiative, measure, method and number of periods since it began
-- key: run_id, initiative, measure, method, periods_since
-- units: as initiative
-- source: pipeline.model.initiatives, through pipeline.disclosure
-- reads: none
-- caveat: each period on its own: one in twenty lies outside its limits by chance; of group_time 0 is the mean of the base periods, of synthetic the mean of all periods before
-- disclosure: counts

CREATE TABLE result.initiative_event (
    run_id VARCHAR NOT NULL,
    initiative VARCHAR NOT NULL,
    measure VARCHAR NOT NULL,
    method VARCHAR NOT NULL,
    periods_since INTEGER NOT NULL,
    n_adopters INTEGER NOT NULL,
    effect DOUBLE NOT NULL,
    effect_low DOUBLE NOT NULL,
    effect_high DOUBLE NOT NULL,
    PRIMARY KEY (run_id, initiative, measure, method, periods_since)
);

COMMENT ON TABLE result.initiative_event IS
'Effect of each declared initiative by periods since it began; before it, what should be nothing.';
COMMENT ON COLUMN result.initiative_event.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.initiative_event.initiative IS 'The declared initiative, by name.';
COMMENT ON COLUMN result.initiative_event.measure IS 'As in initiative.';
COMMENT ON COLUMN result.initiative_event.method IS 'As in initiative.';
COMMENT ON COLUMN result.initiative_event.periods_since IS
'Periods since it began; below 0 before it, 0 is the first.';
COMMENT ON COLUMN result.initiative_event.n_adopters IS 'Adopters for which the period is known.';
COMMENT ON COLUMN result.initiative_event.effect IS
'Difference to what was to be expected without the initiative, in the period.';
COMMENT ON COLUMN result.initiative_event.effect_low IS
'Lower limit of effect at the level in result.setting: what the randomisation test would not refuse.';
COMMENT ON COLUMN result.initiative_event.effect_high IS 'Upper limit of effect, likewise.';
