-- object: result.counterfactual
-- grain: one row per outcome, model, method and standard
-- key: run_id, outcome, model, standard, method
-- units: grants, shares 0-1
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: the naive method overstates: the lowest are partly lowest by chance
-- disclosure: counts

CREATE TABLE result.counterfactual (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    method VARCHAR NOT NULL,
    standard VARCHAR NOT NULL,
    municipality_codes VARCHAR NOT NULL,
    fewer_grants DOUBLE NOT NULL,
    fewer_low DOUBLE,
    fewer_high DOUBLE,
    fewer_share DOUBLE NOT NULL,
    PRIMARY KEY (run_id, outcome, model, standard, method)
);

COMMENT ON TABLE result.counterfactual IS
'Fewer grants if every municipality granted as the standard does.';
COMMENT ON COLUMN result.counterfactual.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.counterfactual.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.counterfactual.model IS
'pooled: no municipality terms; within: one dummy per municipality; conditions: framework conditions too; no_health: within, without health factors.';
COMMENT ON COLUMN result.counterfactual.method IS
'naive (as AKF 2009), empirical_bayes, split_year, conditional or hybrid (corrected for selection).';
COMMENT ON COLUMN result.counterfactual.standard IS 'Whose practice is applied, e.g. lowest_10.';
COMMENT ON COLUMN result.counterfactual.municipality_codes IS
'Municipalities that make up the standard, lowest first, separated by commas.';
COMMENT ON COLUMN result.counterfactual.fewer_grants IS 'Grants fewer in the window than observed.';
COMMENT ON COLUMN result.counterfactual.fewer_low IS
'Lower limit of fewer_grants at the level in result.setting.';
COMMENT ON COLUMN result.counterfactual.fewer_high IS
'Upper limit of fewer_grants at the level in result.setting.';
COMMENT ON COLUMN result.counterfactual.fewer_share IS 'fewer_grants over observed grants, 0-1.';
