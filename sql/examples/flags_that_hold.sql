-- question: Which municipalities stand out of the funnel also when chance is allowed to vary more than
--   it should, and after testing all of them?
-- database: benchmark
-- reads: now.benchmark
-- returns: outcome, municipality_name, observed, expected, ratio, flag_998, flag_overdispersed,
--   q_value, stands_out
-- caveat: of those with flag_discovery at most 5 % are expected to be false findings
--   (Benjamini-Hochberg); those flagged by the plain limits only are listed too, with stands_out to
--   tell them apart

SELECT
    benchmark.outcome,
    benchmark.municipality_name,
    benchmark.observed,
    benchmark.expected,
    benchmark.ratio,
    benchmark.flag_998,
    benchmark.flag_overdispersed,
    benchmark.q_value,
    benchmark.flag_overdispersed != 'within' AND benchmark.flag_discovery != 'within' AS stands_out
FROM now.benchmark
WHERE benchmark.model = 'within' AND benchmark.flag_95 != 'within'
ORDER BY benchmark.outcome, benchmark.q_value, benchmark.municipality_code;
