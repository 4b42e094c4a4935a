-- object: result.what_if
-- grain: one row per outcome, model within, standard and area
-- key: run_id, outcome, model, standard, area_code
-- units: grants a year
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: those at risk stay who they are; practice is shrunken, so that grants_now is not the count of the window; no causal claim and no recommendation
-- disclosure: counts

CREATE TABLE result.what_if (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    standard VARCHAR NOT NULL,
    area_code VARCHAR NOT NULL,
    grants_now DOUBLE NOT NULL,
    grants_if DOUBLE NOT NULL,
    grants_change DOUBLE NOT NULL,
    grants_change_low DOUBLE NOT NULL,
    grants_change_high DOUBLE NOT NULL,
    PRIMARY KEY (run_id, outcome, model, standard, area_code)
);

COMMENT ON TABLE result.what_if IS
'Grants a year of each municipality, and of all together, at their own practice and if they had that of the standard: country, a fifth or a quantile of the municipalities, what goes with their framework conditions, or their own without a queue.';
COMMENT ON COLUMN result.what_if.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.what_if.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.what_if.model IS
'pooled: no municipality terms; within: one dummy per municipality; conditions: framework conditions too; no_health: within, without health factors.';
COMMENT ON COLUMN result.what_if.standard IS
'Whose practice is applied: country, lowest_fifth, highest_fifth, quantile_25, quantile_75, conditions (what goes with its framework conditions), without_queue (its own, without what a queue made of it).';
COMMENT ON COLUMN result.what_if.area_code IS
'000 the whole country, else the municipality, three digits.';
COMMENT ON COLUMN result.what_if.grants_now IS
'Grants a year at their own practice, as it is estimated.';
COMMENT ON COLUMN result.what_if.grants_if IS 'Grants a year at the other practice.';
COMMENT ON COLUMN result.what_if.grants_change IS
'Grants a year at the other practice less those at their own.';
COMMENT ON COLUMN result.what_if.grants_change_low IS 'Lower limit of the change.';
COMMENT ON COLUMN result.what_if.grants_change_high IS 'Upper limit of the change.';
