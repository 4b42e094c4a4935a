-- question: Where is one benefit granted little and the other much?
-- database: benchmark
-- reads: now.displacement, now.benchmark
-- returns: municipality_name, outcome, practice_effect_shrunk, other_outcome, other_effect_shrunk,
--   probability
-- caveat: opposite practice does not prove that the same persons get one benefit instead of the
--   other; effects are log odds, drawn together over both outcomes

SELECT DISTINCT
    benchmark.municipality_name,
    displacement.outcome,
    displacement.practice_effect_shrunk,
    displacement.other_outcome,
    displacement.other_effect_shrunk,
    greatest(displacement.p_low_high, displacement.p_high_low) AS probability
FROM now.displacement
INNER JOIN now.benchmark
    ON
        displacement.municipality_code = benchmark.municipality_code
        AND displacement.outcome = benchmark.outcome
        AND displacement.model = benchmark.model
WHERE displacement.model = 'within'
ORDER BY probability DESC, benchmark.municipality_name ASC
LIMIT 10;
