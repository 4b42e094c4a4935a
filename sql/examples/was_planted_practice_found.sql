-- question: On synthetic data: how well was the planted practice found again?
-- database: benchmark
-- reads: now.recovery, analysis.release_now
-- returns: data, outcome, model, measure, value, truth
-- caveat: synthetic runs only, empty on registers; truth is the value aimed at

SELECT
    release_now.data,
    recovery.outcome,
    recovery.model,
    recovery.measure,
    recovery.value,
    recovery.truth
FROM now.recovery
CROSS JOIN analysis.release_now
ORDER BY recovery.outcome, recovery.model, recovery.measure;
