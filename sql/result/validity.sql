-- object: result.validity
-- grain: one row per outcome and crossing, model within
-- key: run_id, outcome, model, across, dimension
-- units: log odds, shares 0-1
-- source: pipeline.model.tables.validity, through pipeline.disclosure
-- reads: none
-- caveat: cells with at least five grants expected; year across municipality is practice that does not last, other crossings of municipality are practice or recording that differs by level
-- disclosure: counts

CREATE TABLE result.validity (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    across VARCHAR NOT NULL,
    dimension VARCHAR NOT NULL,
    n_cells BIGINT NOT NULL,
    degrees_of_freedom DOUBLE NOT NULL,
    chi2_per_df DOUBLE NOT NULL,
    p_value DOUBLE NOT NULL,
    q_value DOUBLE NOT NULL,
    sd DOUBLE NOT NULL,
    sd_low DOUBLE,
    sd_high DOUBLE,
    PRIMARY KEY (run_id, outcome, model, across, dimension)
);

COMMENT ON TABLE result.validity IS
'How far grants lie from the fit where two things cross: chance and noise apart.';
COMMENT ON COLUMN result.validity.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.validity.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.validity.model IS
'pooled: no municipality terms; within: one dummy per municipality; conditions: framework conditions too; no_health: within, without health factors.';
COMMENT ON COLUMN result.validity.across IS
'What the factor is crossed with: municipality, another factor, or country (nothing).';
COMMENT ON COLUMN result.validity.dimension IS
'Factor whose levels cross, or risk_tenth: ten groups by fitted risk.';
COMMENT ON COLUMN result.validity.n_cells IS
'Cells looked at: those with at least five grants expected.';
COMMENT ON COLUMN result.validity.degrees_of_freedom IS
'Degrees of freedom left by the margins that the fit meets.';
COMMENT ON COLUMN result.validity.chi2_per_df IS
'About 1 where chance and noise explain the distances.';
COMMENT ON COLUMN result.validity.p_value IS
'Chance of lying so far apart or further under the fit (scaled chi-square).';
COMMENT ON COLUMN result.validity.q_value IS
'p_value adjusted for looking at all crossings of the outcome (Benjamini-Hochberg).';
COMMENT ON COLUMN result.validity.sd IS
'What is left of the log odds beyond chance and noise: their standard deviation over cells.';
COMMENT ON COLUMN result.validity.sd_low IS 'Lower limit of sd at the level in result.setting.';
COMMENT ON COLUMN result.validity.sd_high IS 'Upper limit of sd at the level in result.setting.';
