-- object: result.new_decision_maker
-- grain: one row per outcome and kind of decision-maker
-- key: run_id, outcome, kind
-- units: log O/E, standard deviations
-- source: pipeline.model.years, from grant_history and benchmark as they are shown and new_decision_maker.csv in the home
-- reads: none
-- caveat: what else happened at the same time is in the move; the year is the first under the new one; a move within two years of another one is seen in part; missing with fewer than ten changes
-- disclosure: counts

CREATE TABLE result.new_decision_maker (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    year_from INTEGER NOT NULL,
    year_to INTEGER NOT NULL,
    n_dates INTEGER NOT NULL,
    n_elsewhere INTEGER NOT NULL,
    spread_at_date DOUBLE,
    spread_elsewhere DOUBLE,
    decision_maker_spread DOUBLE,
    decision_maker_spread_low DOUBLE,
    decision_maker_spread_high DOUBLE,
    p_value DOUBLE,
    PRIMARY KEY (run_id, outcome, kind)
);

COMMENT ON TABLE result.new_decision_maker IS
'How far grants against expected move where a municipality got a new decision-maker or adviser, by the dates of a file of the home, beside how far they move elsewhere.';
COMMENT ON COLUMN result.new_decision_maker.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.new_decision_maker.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.new_decision_maker.kind IS 'Who was new, as the file calls it.';
COMMENT ON COLUMN result.new_decision_maker.year_from IS 'First year that is looked at.';
COMMENT ON COLUMN result.new_decision_maker.year_to IS 'Last year that is looked at.';
COMMENT ON COLUMN result.new_decision_maker.n_dates IS
'Changes that are looked at: with two years shown before and two from the change on.';
COMMENT ON COLUMN result.new_decision_maker.n_elsewhere IS
'Municipality-years without a change in the year, the one before or the one after.';
COMMENT ON COLUMN result.new_decision_maker.spread_at_date IS
'Standard deviation of the move of log O/E at a change, beyond chance.';
COMMENT ON COLUMN result.new_decision_maker.spread_elsewhere IS 'The same where nobody is new.';
COMMENT ON COLUMN result.new_decision_maker.decision_maker_spread IS
'Standard deviation of log O/E between those who follow each other: the root of half of what the squared move at a change is more than without one.';
COMMENT ON COLUMN result.new_decision_maker.decision_maker_spread_low IS
'Lower limit of decision_maker_spread; 0 where chance may explain it all.';
COMMENT ON COLUMN result.new_decision_maker.decision_maker_spread_high IS
'Upper limit of decision_maker_spread.';
COMMENT ON COLUMN result.new_decision_maker.p_value IS
'Test that levels move as much without a change, the dates given to municipalities at random.';
