-- object: analysis.compared
-- database: benchmark
-- grain: one row per outcome
-- key: none
-- units: log odds, odds ratio
-- source: result
-- reads: now.benchmark
-- caveat: model within; takes the two as independent, which their few shared coefficients nearly
--   leave them; a pair chosen because it looks far apart needs more than this

-- The linter cannot parse COMMENT ON MACRO.
-- noqa: disable=all
CREATE MACRO analysis.compared(one, other, z := 1.959963984540054) AS TABLE
    WITH place AS (
        SELECT
            outcome,
            municipality_code,
            municipality_name,
            practice_effect AS effect,
            practice_effect_se AS se
        FROM now.benchmark
        WHERE model = 'within'
    ),

    pair AS (
        SELECT
            first_place.outcome,
            first_place.municipality_name AS municipality,
            second_place.municipality_name AS compared_with,
            first_place.effect - second_place.effect AS difference,
            sqrt(first_place.se ** 2 + second_place.se ** 2) AS se
        FROM place AS first_place
        INNER JOIN place AS second_place ON first_place.outcome = second_place.outcome
        WHERE
            one IN (first_place.municipality_code, first_place.municipality_name)
            AND other IN (second_place.municipality_code, second_place.municipality_name)
    )

    SELECT
        outcome,
        municipality,
        compared_with,
        difference,
        se,
        exp(difference) AS odds_ratio,
        exp(difference - z * se) AS odds_ratio_low,
        exp(difference + z * se) AS odds_ratio_high,
        abs(difference) > z * se AS is_different
    FROM pair
    ORDER BY outcome;

COMMENT ON MACRO TABLE analysis.compared IS
'Practice of one municipality against another, by name or code: FROM analysis.compared(''Horsens'', ''Hedensted''). Two O/E ratios are each against their own expectation and are not compared so.';
