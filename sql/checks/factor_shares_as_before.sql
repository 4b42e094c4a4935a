-- object: checks.factor_shares_as_before
-- grain: one row per factor, level and year at risk whose share differs from when it was kept
-- key: factor, level, year
-- units: percent
-- source: setting max_drift_share
-- reads: mart.factor_share, meta.share_reference
-- caveat: the same year in an earlier load, so that neither reforms nor the times move it; other
--   rules (benchmark, code lists, version) begin anew; less than 50 persons, or as many as chance
--   moves in others, say nothing: a tenth is seen from 500 persons with the level; the change is held
--   against the larger of the two shares, so that 1 lets everything through
-- severity: stop

WITH before AS (
    SELECT
        share_reference.subject AS factor,
        share_reference."level",
        share_reference.year,
        share_reference.n,
        share_reference.share
    FROM meta.share_reference
    WHERE share_reference.rules = getvariable('share_rules')
),

changed AS (
    SELECT
        coalesce(before.factor, factor_share.factor) AS factor,
        coalesce(before."level", factor_share."level") AS "level",
        coalesce(before.year, factor_share.year) AS year,
        coalesce(before.share, 0) AS share_before,
        coalesce(factor_share.share, 0) AS share,
        -- Persons with the level: before, or now where nobody had it.
        coalesce(before.n, factor_share.n_persons) AS n,
        coalesce(before.n / before.share, factor_share.n_persons / factor_share.share) AS n_at_risk
    FROM before
    FULL OUTER JOIN mart.factor_share
        ON
            before.factor = factor_share.factor
            AND before."level" = factor_share."level"
            AND before.year = factor_share.year
    -- Without a load before there is nothing to compare with.
    WHERE EXISTS (
        SELECT 1 FROM meta.share_reference
        WHERE share_reference.rules = getvariable('share_rules')
    )
)

SELECT
    changed.factor,
    changed."level",
    changed.year,
    round(100 * (changed.share / nullif(changed.share_before, 0) - 1), 1) AS change_percent,
    round(100 * changed.share, 1) AS percent_now,
    round(100 * changed.share_before, 1) AS percent_before
FROM changed
WHERE
    abs(changed.share - changed.share_before)
    > greatest(
        getvariable('max_drift_share') * greatest(changed.share, changed.share_before),
        2 * sqrt(changed.n) / changed.n_at_risk,
        50 / changed.n_at_risk
    )
ORDER BY changed.factor, changed."level", changed.year
