-- question: At which diagnoses and tenures do municipalities differ most?
-- database: benchmark
-- reads: now.practice_spread
-- returns: outcome, dimension, level, sd, sd_low, sd_high, sd_others, p_more
-- caveat: standard deviation of municipalities' log odds at the level, chance taken out; p_more is the
--   chance of as much more than at the other levels where they differ alike

SELECT
    practice_spread.outcome,
    practice_spread.dimension,
    practice_spread.level,
    practice_spread.sd,
    practice_spread.sd_low,
    practice_spread.sd_high,
    practice_spread.sd_others,
    practice_spread.p_more
FROM now.practice_spread
WHERE practice_spread.model = 'within'
ORDER BY practice_spread.outcome ASC, practice_spread.sd DESC, practice_spread.level ASC;
