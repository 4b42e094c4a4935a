-- object: result.former_follow
-- grain: one row per outcome and merged municipality, where the window is near 2007
-- key: run_id, outcome, municipality_code
-- units: shares 0-1
-- source: pipeline.model.years, from counts as shown
-- reads: none
-- caveat: near a third each where grants are too few or the parts alike; of the three rules one is taken to hold, each as likely before as it is in the country
-- disclosure: counts

CREATE TABLE result.former_follow (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    n_former INTEGER NOT NULL,
    p_mean DOUBLE NOT NULL,
    p_largest DOUBLE NOT NULL,
    p_strictest DOUBLE NOT NULL,
    PRIMARY KEY (run_id, outcome, municipality_code)
);

COMMENT ON TABLE result.former_follow IS
'How likely each municipality merged in 2007 grants as the mean, the largest or the strictest of the municipalities it was made of.';
COMMENT ON COLUMN result.former_follow.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.former_follow.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.former_follow.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN result.former_follow.n_former IS
'Former municipalities, or parts of them, that take part.';
COMMENT ON COLUMN result.former_follow.p_mean IS
'Probability that it grants as the mean of its parts did.';
COMMENT ON COLUMN result.former_follow.p_largest IS
'Probability that it grants as the largest of its parts did.';
COMMENT ON COLUMN result.former_follow.p_strictest IS
'Probability that it grants as the part did that granted fewest.';
