-- question: Where few are granted, do those at high risk wait on another benefit or support themselves?
-- database: benchmark
-- reads: now.later_state
-- returns: horizon_years, area_code, level, share, share_expected, ratio_low, ratio_high, p_above, instead
-- caveat: of the cohort at highest expected risk when the first year begins; instead stands on the row
--   of those granted and says unknown or not_low where a municipality is too small to tell

SELECT
    later_state.horizon_years,
    later_state.area_code,
    later_state.level,
    later_state.share,
    later_state.share_expected,
    later_state.ratio_low,
    later_state.ratio_high,
    later_state.p_above,
    later_state.instead
FROM now.later_state
WHERE later_state.dimension = 'state_kind'
ORDER BY
    later_state.horizon_years DESC, later_state.area_code ASC, later_state.level ASC;
