-- question: At which diagnoses, tenures and ages does one municipality grant more or fewer than elsewhere?
-- database: benchmark
-- reads: now.practice_profile, now.benchmark
-- returns: outcome, dimension, level, observed, expected, deviation, deviation_low, deviation_high,
--   p_above
-- caveat: deviation is how far the level lies from the municipality's own practice, times, corrected
--   for chance; put another name in the last lines

SELECT
    practice_profile.outcome,
    practice_profile.dimension,
    practice_profile.level,
    practice_profile.observed,
    practice_profile.expected,
    round(exp(practice_profile.practice_deviation), 3) AS deviation,
    round(exp(practice_profile.practice_deviation_low), 3) AS deviation_low,
    round(exp(practice_profile.practice_deviation_high), 3) AS deviation_high,
    practice_profile.p_above
FROM now.practice_profile
SEMI JOIN now.benchmark
    ON
        practice_profile.municipality_code = benchmark.municipality_code
        AND benchmark.municipality_name = 'Aarhus'
WHERE practice_profile.model = 'within'
ORDER BY practice_profile.outcome, practice_profile.dimension, practice_profile.level;
