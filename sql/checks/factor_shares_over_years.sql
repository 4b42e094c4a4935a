-- object: checks.factor_shares_over_years
-- grain: one row per factor, level and year at risk whose share is a quarter off the year before
-- key: factor, level, year
-- units: percent
-- source: mart.factor_share
-- reads: mart.factor_share
-- caveat: years at risk that follow each other; reforms and the times move shares too, so it warns;
--   less than five times what chance moves says nothing
-- severity: warn

SELECT
    factor_share.factor,
    factor_share."level",
    factor_share.year,
    round(100 * (factor_share.share / before.share - 1)) AS change_percent
FROM mart.factor_share
INNER JOIN mart.factor_share AS before
    ON
        factor_share.factor = before.factor
        AND factor_share."level" = before."level"
        AND factor_share.year = before.year + 1
WHERE
    abs(factor_share.share / before.share - 1) > 0.25
    AND abs(factor_share.share / before.share - 1) * sqrt(before.n_persons) > 5
ORDER BY factor_share.factor, factor_share."level", factor_share.year
