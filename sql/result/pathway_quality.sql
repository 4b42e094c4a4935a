-- object: result.pathway_quality
-- grain: one row per number of types
-- key: run_id, n_types
-- units: indices, shares 0-1
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: five types are used because the source has five; the other numbers show what they cost
-- disclosure: counts

CREATE TABLE result.pathway_quality (
    run_id VARCHAR NOT NULL,
    n_types INTEGER NOT NULL,
    silhouette DOUBLE NOT NULL,
    stability DOUBLE NOT NULL,
    is_used BOOLEAN NOT NULL,
    agreement DOUBLE,
    agreement_rand DOUBLE,
    PRIMARY KEY (run_id, n_types)
);

COMMENT ON TABLE result.pathway_quality IS
'How well the courses before pensions fall into so many types, and how far the types agree with the rules.';
COMMENT ON COLUMN result.pathway_quality.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.pathway_quality.n_types IS 'Number of types the courses are divided in.';
COMMENT ON COLUMN result.pathway_quality.silhouette IS
'Mean silhouette width: how much nearer a course is to its own type than to the next; 1 is well apart.';
COMMENT ON COLUMN result.pathway_quality.stability IS
'Mean adjusted Rand index between partitions found in different samples; 1 is the same.';
COMMENT ON COLUMN result.pathway_quality.is_used IS
'Whether this number of types is the one in the other tables.';
COMMENT ON COLUMN result.pathway_quality.agreement IS
'Share of grants whose cluster has the name of the rule that holds, 0-1.';
COMMENT ON COLUMN result.pathway_quality.agreement_rand IS
'Adjusted Rand index of clusters and rules: 1 the same, 0 as by chance.';
