-- question: What did each initiative of municipalities do, could it be seen, and did an earlier date show the same?
-- database: benchmark
-- reads: now.initiative
-- returns: title_en, adopters, measure, method, verdict, level_before, effect, effect_low, effect_high, p_value,
--   detectable, placebo_p_value
-- caveat: no rows where no initiative is declared in the home; p-values are of each row alone; that
--   something changed when an initiative began is not enough to say that the initiative did it

SELECT
    initiative.title_en,
    initiative.adopters,
    initiative.measure,
    initiative.method,
    initiative.verdict,
    initiative.level_before,
    initiative.effect,
    initiative.effect_low,
    initiative.effect_high,
    initiative.p_value,
    initiative.detectable,
    initiative.placebo_p_value
FROM now.initiative
WHERE initiative.verdict != 'not_covered'
ORDER BY initiative.initiative, initiative.measure, initiative.method;
