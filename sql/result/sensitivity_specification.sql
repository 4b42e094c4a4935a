-- object: result.sensitivity_specification
-- grain: one row per outcome and specification but the base
-- key: run_id, outcome, specification
-- units: municipalities, places, shares 0-1
-- source: pipeline.model.followups.choices, from sensitivity as it is shown
-- reads: none
-- caveat: of the municipalities whose rank is shown under both; chance is in both ranks, so that specifications of fewer grants (a year, an age range) differ more by chance alone
-- disclosure: counts

CREATE TABLE result.sensitivity_specification (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    specification VARCHAR NOT NULL,
    n_municipalities INTEGER NOT NULL,
    correlation DOUBLE,
    places_moved DOUBLE NOT NULL,
    share_same_quintile DOUBLE NOT NULL,
    PRIMARY KEY (run_id, outcome, specification)
);

COMMENT ON TABLE result.sensitivity_specification IS
'How far ranks under each specification of the sensitivity grid are from those of the base, over all municipalities.';
COMMENT ON COLUMN result.sensitivity_specification.run_id IS
'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.sensitivity_specification.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.sensitivity_specification.specification IS
'base, or what differs from it: pooled, conditions, no_health, decision_municipality, year_<yyyy>, age_18_39, age_40_64, without_movers, short_look_back, without_queue, prior_normal, prior_free, without_flexjob, with_flexjob, paid.';
COMMENT ON COLUMN result.sensitivity_specification.n_municipalities IS
'Municipalities whose rank is shown under both.';
COMMENT ON COLUMN result.sensitivity_specification.correlation IS
'Spearman''s correlation of the ranks with those of the base, -1 to 1.';
COMMENT ON COLUMN result.sensitivity_specification.places_moved IS
'Median number of places by which a municipality moves from the base.';
COMMENT ON COLUMN result.sensitivity_specification.share_same_quintile IS
'Share of municipalities in the same fifth as under the base, 0-1.';
