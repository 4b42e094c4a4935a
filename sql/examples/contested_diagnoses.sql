-- question: Do municipalities that grant many do so more on contested diagnoses, and which?
-- database: benchmark
-- reads: now.diagnosis_subgroup, now.diagnosis_subgroup_spread
-- returns: outcome, diagnosis_kind, diagnosis_subgroup, grants, ratio_where_fewest, ratio_where_most,
--   slope, p_value
-- caveat: fifths are formed by one half of the citizens and measured on the other; a slope above 0
--   says that the diagnosis weighs more where more is granted; of twenty diagnoses without any
--   trend one has a p-value below 0.05

SELECT
    spread.outcome,
    spread.diagnosis_kind,
    spread.diagnosis_subgroup,
    max(area.observed) FILTER (WHERE area.area_code = '000') AS grants,
    max(area.ratio) FILTER (WHERE area.area_code = 'fifth_1') AS ratio_where_fewest,
    max(area.ratio) FILTER (WHERE area.area_code = 'fifth_5') AS ratio_where_most,
    spread.slope,
    spread.p_value
FROM now.diagnosis_subgroup_spread AS spread
INNER JOIN now.diagnosis_subgroup AS area
    ON
        spread.outcome = area.outcome
        AND spread.diagnosis_kind = area.diagnosis_kind
        AND spread.diagnosis_subgroup = area.diagnosis_subgroup
GROUP BY ALL
ORDER BY spread.outcome, spread.diagnosis_kind, spread.p_value;
