-- object: analysis.sensitivity_now
-- database: benchmark
-- grain: one row per outcome and municipality
-- key: outcome, municipality_code
-- units: ranks, shares 0-1
-- source: result
-- reads: now.sensitivity_summary, now.ranking, now.municipality
-- caveat: ranks over specifications that each change one choice; not an interval

CREATE VIEW analysis.sensitivity_now AS
SELECT
    summary.outcome,
    summary.municipality_code,
    place.municipality_name,
    ranking.rank,
    ranking.rank_low,
    ranking.rank_high,
    summary.n_specifications,
    summary.rank_lowest,
    summary.rank_highest,
    summary.share_lowest_quintile,
    summary.share_highest_quintile
FROM now.sensitivity_summary AS summary
INNER JOIN now.municipality AS place
    ON summary.municipality_code = place.municipality_code
LEFT JOIN now.ranking
    ON
        summary.outcome = ranking.outcome
        AND summary.municipality_code = ranking.municipality_code
        AND ranking.model = 'within';

COMMENT ON VIEW analysis.sensitivity_now IS
'How far each place moves under other reasonable choices, beside its interval.';
COMMENT ON COLUMN analysis.sensitivity_now.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN analysis.sensitivity_now.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN analysis.sensitivity_now.municipality_name IS
'Name of the municipality.';
COMMENT ON COLUMN analysis.sensitivity_now.rank IS
'1 = fewest granted relative to expectation.';
COMMENT ON COLUMN analysis.sensitivity_now.rank_low IS
'Lowest rank the data do not rule out.';
COMMENT ON COLUMN analysis.sensitivity_now.rank_high IS
'Highest rank the data do not rule out.';
COMMENT ON COLUMN analysis.sensitivity_now.n_specifications IS
'Specifications with a rank.';
COMMENT ON COLUMN analysis.sensitivity_now.rank_lowest IS
'Lowest rank over them.';
COMMENT ON COLUMN analysis.sensitivity_now.rank_highest IS
'Highest rank over them.';
COMMENT ON COLUMN analysis.sensitivity_now.share_lowest_quintile IS
'Share of them in the fifth that grants fewest, 0-1.';
COMMENT ON COLUMN analysis.sensitivity_now.share_highest_quintile IS
'Share of them in the fifth that grants most, 0-1.';
