-- object: analysis.over_expected
-- database: benchmark
-- grain: one row per outcome and group
-- key: none
-- units: grants, ratio
-- source: result
-- reads: now.benchmark, now.practice_profile, now.practice_profile_area,
--   now.development, now.development_country, codes.municipality, analysis.ratio,
--   analysis.ratio_low, analysis.ratio_high
-- caveat: model within; withheld cells are left out of observed and expected alike and counted in
--   n_withheld; small counts are the ones withheld, so where n_withheld is not 0 the ratio leans

-- The linter cannot parse COMMENT ON MACRO.
-- noqa: disable=all
CREATE MACRO analysis.over_expected(dimension, municipality := NULL) AS TABLE
    WITH cell AS (
        -- Of the country: its own tables, in which far less is withheld than in the municipalities'.
        -- One dimension at a time is counted once, so that little is withheld and noise comes once.
        -- A column of a parameter's name must be qualified: alone it is the parameter.
        SELECT part.dimension AS kind, outcome, model, NULL AS code, level AS value, observed,
            expected, is_suppressed
        FROM now.practice_profile_area AS part
        WHERE area = 'Danmark'
        UNION ALL
        SELECT 'year', outcome, model, NULL, CAST(year AS VARCHAR), observed, expected,
            is_suppressed
        FROM now.development_country
        UNION ALL
        SELECT 'municipality_code', outcome, model, NULL, municipality_code, observed, expected,
            FALSE
        FROM now.benchmark
        UNION ALL
        SELECT 'municipality_name', outcome, model, NULL, municipality_name, observed, expected,
            FALSE
        FROM now.benchmark
        UNION ALL
        SELECT 'region', benchmark.outcome, benchmark.model, NULL, place.region_name,
            benchmark.observed, benchmark.expected, FALSE
        FROM now.benchmark AS benchmark
        INNER JOIN codes.municipality AS place
            ON benchmark.municipality_code = place.municipality_code
        -- Of one municipality.
        UNION ALL
        SELECT part.dimension, outcome, model, municipality_code, level, observed, expected,
            is_suppressed
        FROM now.practice_profile AS part
        UNION ALL
        SELECT 'year', outcome, model, municipality_code, CAST(year AS VARCHAR), observed,
            expected, is_suppressed
        FROM now.development
    )

    SELECT
        outcome,
        value AS group_value,
        CAST(sum(observed) FILTER (WHERE NOT is_suppressed) AS BIGINT) AS observed,
        sum(expected) FILTER (WHERE NOT is_suppressed) AS expected,
        analysis.ratio(
            sum(observed) FILTER (WHERE NOT is_suppressed),
            sum(expected) FILTER (WHERE NOT is_suppressed)
        ) AS ratio,
        analysis.ratio_low(
            sum(observed) FILTER (WHERE NOT is_suppressed),
            sum(expected) FILTER (WHERE NOT is_suppressed)
        ) AS ratio_low,
        analysis.ratio_high(
            sum(observed) FILTER (WHERE NOT is_suppressed),
            sum(expected) FILTER (WHERE NOT is_suppressed)
        ) AS ratio_high,
        count(*) FILTER (WHERE is_suppressed) AS n_withheld
    FROM cell
    WHERE
        model = 'within'
        AND kind = dimension
        AND code IS NOT DISTINCT FROM (
            SELECT min(place.municipality_code)
            FROM codes.municipality AS place
            WHERE place.municipality_code = municipality OR place.municipality_name = municipality
        )
    GROUP BY outcome, value
    ORDER BY outcome, value;

COMMENT ON MACRO TABLE analysis.over_expected IS
'Observed over expected with limits by a dimension of now.practice_profile (diagnosis_group, tenure_band, age_band, sex, origin, labour_status, diagnosis_main, tenure_main, age_main), by year, region, municipality_code or municipality_name, in the country or in one municipality by code or name: FROM analysis.over_expected(''tenure_band'', municipality := ''Aarhus'').';
