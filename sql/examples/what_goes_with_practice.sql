-- question: Are cases longer, refusals more and mental diagnoses fewer where few are granted?
-- database: benchmark
-- reads: now.rank_group, now.rank_group_trend
-- returns: outcome, measure, fewest, most, slope, slope_low, slope_high, p_value
-- caveat: fifths formed on one half of the citizens and measured on the other; with group_basis
--   same_window chance makes a gradient of its own; goes with, not because of

SELECT
    rank_group_trend.outcome,
    rank_group_trend.measure,
    round(max(rank_group.value) FILTER (WHERE rank_group.fifth = 1), 2) AS fewest,
    round(max(rank_group.value) FILTER (WHERE rank_group.fifth = 5), 2) AS most,
    rank_group_trend.slope,
    rank_group_trend.slope_low,
    rank_group_trend.slope_high,
    rank_group_trend.p_value
FROM now.rank_group_trend
INNER JOIN now.rank_group
    ON
        rank_group_trend.run_id = rank_group.run_id
        AND rank_group_trend.outcome = rank_group.outcome
        AND rank_group_trend.group_basis = rank_group.group_basis
        AND rank_group_trend.measure = rank_group.measure
WHERE rank_group_trend.group_basis = 'cross_fitted'
GROUP BY ALL
ORDER BY rank_group_trend.outcome, rank_group_trend.measure;
