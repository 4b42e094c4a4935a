-- object: result.sensitivity
-- grain: one row per specification, outcome and municipality
-- key: run_id, specification, outcome, municipality_code
-- units: log odds, ranks
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: no counts, so that two specifications cannot be subtracted; effect, error and rank hold the count between them and are withheld where it may not be shown
-- disclosure: counts

CREATE TABLE result.sensitivity (
    run_id VARCHAR NOT NULL,
    specification VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    practice_effect DOUBLE,
    practice_effect_se DOUBLE,
    rank BIGINT,
    is_suppressed BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, specification, outcome, municipality_code)
);

COMMENT ON TABLE result.sensitivity IS
'Practice effect and rank under each specification of the sensitivity grid.';
COMMENT ON COLUMN result.sensitivity.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.sensitivity.specification IS
'base, or what differs from it: pooled, conditions, no_health, decision_municipality, year_<yyyy>, age_18_39, age_40_64, without_movers, short_look_back, without_queue, prior_normal, prior_free, without_flexjob, with_flexjob, paid.';
COMMENT ON COLUMN result.sensitivity.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.sensitivity.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN result.sensitivity.practice_effect IS
'Municipal practice in log odds against national practice; null where no grant was observed or when withheld.';
COMMENT ON COLUMN result.sensitivity.practice_effect_se IS
'Standard error of practice_effect, coefficient uncertainty included; null with it.';
COMMENT ON COLUMN result.sensitivity.rank IS
'1 = fewest granted relative to expectation; null when withheld.';
COMMENT ON COLUMN result.sensitivity.is_suppressed IS
'Whether disclosure control withholds effect and rank, which would tell a count.';
