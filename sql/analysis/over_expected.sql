-- object: analysis.over_expected
-- grain: one row per outcome and group
-- key: none
-- units: grants, ratio
-- source: result
-- reads: result.breakdown, analysis.ratio, analysis.ratio_low, analysis.ratio_high
-- caveat: model within; sums over the cells that are shown, observed and expected alike

-- The linter cannot parse COMMENT ON MACRO.
-- noqa: disable=all
CREATE MACRO analysis.over_expected(grouping, municipality := NULL) AS TABLE
    SELECT
        outcome,
        CASE grouping
            WHEN 'diagnosis_group' THEN diagnosis_group
            WHEN 'tenure_band' THEN tenure_band
            WHEN 'municipality_code' THEN municipality_code
        END AS group_value,
        CAST(sum(observed) AS BIGINT) AS observed,
        sum(expected) AS expected,
        analysis.ratio(sum(observed), sum(expected)) AS ratio,
        analysis.ratio_low(sum(observed), sum(expected)) AS ratio_low,
        analysis.ratio_high(sum(observed), sum(expected)) AS ratio_high
    FROM result.breakdown
    WHERE
        model = 'within'
        AND NOT is_suppressed
        AND (municipality IS NULL OR municipality_code = municipality)
    GROUP BY ALL
    ORDER BY ALL;

COMMENT ON MACRO TABLE analysis.over_expected IS
'Observed over expected with limits by diagnosis_group, tenure_band or municipality_code, in the country or one municipality: FROM analysis.over_expected(''tenure_band'').';
