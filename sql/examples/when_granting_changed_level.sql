-- question: Where did granting change level, from which year and by how much, and is it more than chance?
-- database: benchmark
-- reads: now.practice_step, codes.municipality
-- returns: outcome, municipality_name, step_year, step_year_low, step_year_high, step_factor,
--   step_factor_low, step_factor_high, q_value, is_step
-- caveat: the five likeliest of each outcome, beyond chance where is_step; a gradual change is dated
--   as a step too; the year says when, not why

SELECT
    practice_step.outcome,
    municipality.municipality_name,
    practice_step.step_year,
    practice_step.step_year_low,
    practice_step.step_year_high,
    practice_step.step_factor,
    practice_step.step_factor_low,
    practice_step.step_factor_high,
    practice_step.q_value,
    practice_step.is_step
FROM now.practice_step
INNER JOIN codes.municipality
    ON practice_step.municipality_code = municipality.municipality_code
WHERE practice_step.p_value IS NOT NULL
QUALIFY
    row_number() OVER (
        PARTITION BY practice_step.outcome
        ORDER BY practice_step.p_value, practice_step.municipality_code
    ) <= 5
ORDER BY practice_step.outcome, practice_step.p_value, municipality.municipality_name;
