-- question: How many grants a year would there be if all had another practice, and who would change most?
-- database: benchmark
-- reads: now.what_if
-- returns: outcome, standard, area_code, grants_now, grants_if, grants_change, grants_change_low, grants_change_high
-- caveat: area 000 is the whole country; practice is shrunken, so that grants_now is not the count of
--   the window; no causal claim and no recommendation

SELECT
    what_if.outcome,
    what_if.standard,
    what_if.area_code,
    what_if.grants_now,
    what_if.grants_if,
    what_if.grants_change,
    what_if.grants_change_low,
    what_if.grants_change_high
FROM now.what_if
ORDER BY
    what_if.outcome ASC, what_if.standard ASC, abs(what_if.grants_change) DESC, what_if.area_code;
