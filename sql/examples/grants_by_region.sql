-- question: Do the regions grant more or fewer pensions and flexjobs than expected?
-- database: benchmark
-- reads: analysis.over_expected
-- returns: outcome, group_value, observed, expected, ratio, ratio_low, ratio_high, n_withheld
-- caveat: limits hold for one region at a time and take the expected counts as known; any other
--   grouping goes the same way: tenure_band, diagnosis_group, age_band, year, municipality_name

SELECT
    by_region.outcome,
    by_region.group_value,
    by_region.observed,
    by_region.expected,
    by_region.ratio,
    by_region.ratio_low,
    by_region.ratio_high,
    by_region.n_withheld
FROM analysis.over_expected('region') AS by_region
ORDER BY by_region.outcome, by_region.ratio;
