-- object: result.ranking
-- grain: one row per outcome, model and municipality
-- key: run_id, outcome, model, municipality_code
-- units: ranks from 1, probabilities 0-1
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: never print rank without rank_low and rank_high
-- disclosure: counts

CREATE TABLE result.ranking (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    rank INTEGER NOT NULL,
    rank_low INTEGER,
    rank_high INTEGER,
    rank_low_simultaneous INTEGER,
    rank_high_simultaneous INTEGER,
    rank_posterior_low INTEGER,
    rank_posterior_high INTEGER,
    rank_posterior_half_low INTEGER,
    rank_posterior_half_high INTEGER,
    grade INTEGER,
    expected_rank DOUBLE,
    p_lowest_10 DOUBLE,
    p_quintile_1 DOUBLE,
    p_quintile_2 DOUBLE,
    p_quintile_3 DOUBLE,
    p_quintile_4 DOUBLE,
    p_quintile_5 DOUBLE,
    PRIMARY KEY (run_id, outcome, model, municipality_code)
);

COMMENT ON TABLE result.ranking IS
'Rank of the practice effect with its uncertainty; rank 1 grants fewest relative to expectation.';
COMMENT ON COLUMN result.ranking.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.ranking.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.ranking.model IS
'pooled: no municipality terms; within: one dummy per municipality; conditions: framework conditions too; no_health: within, without health factors.';
COMMENT ON COLUMN result.ranking.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN result.ranking.rank IS
'Rank of practice_effect; 1 is fewest granted relative to expectation; ties share the lowest.';
COMMENT ON COLUMN result.ranking.rank_low IS
'Lower end of the marginal rank confidence set at the level in result.setting.';
COMMENT ON COLUMN result.ranking.rank_high IS
'Upper end of the marginal rank confidence set at the level in result.setting.';
COMMENT ON COLUMN result.ranking.rank_low_simultaneous IS
'Lower end of the simultaneous rank confidence set at the level in result.setting.';
COMMENT ON COLUMN result.ranking.rank_high_simultaneous IS
'Upper end of the simultaneous rank confidence set at the level in result.setting.';
COMMENT ON COLUMN result.ranking.rank_posterior_low IS
'Lower posterior limit of the rank at the level in result.setting: on average over municipalities the true rank lies within with that probability.';
COMMENT ON COLUMN result.ranking.rank_posterior_high IS
'Upper posterior limit of the rank at the level in result.setting.';
COMMENT ON COLUMN result.ranking.rank_posterior_half_low IS
'Lower end of the posterior interval of the rank that holds it with probability one half.';
COMMENT ON COLUMN result.ranking.rank_posterior_half_high IS
'Upper end of the posterior interval of the rank that holds it with probability one half.';
COMMENT ON COLUMN result.ranking.grade IS
'Grade 1 grants fewest. Of all pairs of municipalities in different grades at most 5 % are expected to be the wrong way round.';
COMMENT ON COLUMN result.ranking.expected_rank IS 'Posterior expected rank.';
COMMENT ON COLUMN result.ranking.p_lowest_10 IS
'Probability of being among the 10 that grant fewest.';
COMMENT ON COLUMN result.ranking.p_quintile_1 IS 'Probability of quintile 1 of 5; 1 grants fewest.';
COMMENT ON COLUMN result.ranking.p_quintile_2 IS 'Probability of quintile 2 of 5; 1 grants fewest.';
COMMENT ON COLUMN result.ranking.p_quintile_3 IS 'Probability of quintile 3 of 5; 1 grants fewest.';
COMMENT ON COLUMN result.ranking.p_quintile_4 IS 'Probability of quintile 4 of 5; 1 grants fewest.';
COMMENT ON COLUMN result.ranking.p_quintile_5 IS 'Probability of quintile 5 of 5; 1 grants fewest.';
