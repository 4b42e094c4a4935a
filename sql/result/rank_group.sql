-- object: result.rank_group
-- grain: one row per outcome, group basis, measure and fifth
-- key: run_id, outcome, group_basis, measure, fifth
-- units: days, ratios, shares 0-1
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: of the main model; the fifths of cross_fitted rest on half of the persons each and are measured on the other half, so that chance in the window makes no gradient; same_window has that gradient
-- disclosure: counts

CREATE TABLE result.rank_group (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    group_basis VARCHAR NOT NULL,
    measure VARCHAR NOT NULL,
    fifth INTEGER NOT NULL,
    value DOUBLE,
    low DOUBLE,
    high DOUBLE,
    PRIMARY KEY (run_id, outcome, group_basis, measure, fifth)
);

COMMENT ON TABLE result.rank_group IS
'Figures of the fifths of municipalities that grant fewest to most: days, refusals, mental diagnoses, routes.';
COMMENT ON COLUMN result.rank_group.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.rank_group.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.rank_group.group_basis IS
'cross_fitted: fifths formed on one half of the persons, measured on the other; same_window: formed and measured on all.';
COMMENT ON COLUMN result.rank_group.measure IS
'practice (observed over expected), processing_days (mean), waiting_days (Kaplan-Meier median, undecided applications among them, where delivered), grants_per_refusal, refusals_per_expected (per grant to be expected), mental_share of grants, over_52_weeks_share and route_<benefit> of grants.';
COMMENT ON COLUMN result.rank_group.fifth IS
'1 the fifth of the municipalities that grant fewest relative to expectation, 5 most.';
COMMENT ON COLUMN result.rank_group.value IS 'The group''s figure: days, a ratio or a share (0-1).';
COMMENT ON COLUMN result.rank_group.low IS
'Lower limit at the level in result.setting; carries the differences inside the group.';
COMMENT ON COLUMN result.rank_group.high IS 'Upper limit at the level in result.setting.';
