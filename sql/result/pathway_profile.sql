-- object: result.pathway_profile
-- grain: one row per outcome, pathway, dimension and level
-- key: run_id, outcome, pathway, dimension, level
-- units: grants, shares 0-1
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: levels without anybody have no row; unadjusted
-- disclosure: counts

CREATE TABLE result.pathway_profile (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    pathway VARCHAR NOT NULL,
    dimension VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    n_grants BIGINT NOT NULL,
    noise_sd DOUBLE NOT NULL,
    share DOUBLE,
    share_of_all DOUBLE,
    PRIMARY KEY (run_id, outcome, pathway, dimension, level)
);

COMMENT ON TABLE result.pathway_profile IS
'Grants of each pathway by one factor at a time, beside all grants of the outcome.';
COMMENT ON COLUMN result.pathway_profile.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.pathway_profile.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.pathway_profile.pathway IS 'Pathway to the grant; codes.pathway names it.';
COMMENT ON COLUMN result.pathway_profile.dimension IS
'Factor of the model that the grants are divided by.';
COMMENT ON COLUMN result.pathway_profile.level IS 'Level of the factor.';
COMMENT ON COLUMN result.pathway_profile.n_grants IS 'Grants by the pathway, with noise.';
COMMENT ON COLUMN result.pathway_profile.noise_sd IS
'Standard deviation of the noise that protects observed; 0 where it is exact.';
COMMENT ON COLUMN result.pathway_profile.share IS 'Share of the counts shown, 0-1.';
COMMENT ON COLUMN result.pathway_profile.share_of_all IS
'Share of the level among all grants of the outcome, 0-1.';
