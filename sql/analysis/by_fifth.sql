-- object: analysis.by_fifth
-- database: benchmark
-- grain: one row per outcome of the measure and fifth
-- key: none
-- units: the measure's own
-- source: result
-- reads: analysis.municipality_measure, analysis.ranking_now
-- caveat: fifths by rank of the outcome itself, on the same grants: what goes with practice by this also goes with its noise; limits are of the mean over the municipalities of the fifth, Student's t at 95 % by Hill's expansion, null for fewer than five

-- The linter cannot parse COMMENT ON MACRO.
-- noqa: disable=all
CREATE MACRO analysis.by_fifth(measure_name, of_outcome := 'ANY', z := 1.959963984540054) AS TABLE
    WITH placed AS (
        SELECT
            municipality_code,
            ntile(5) OVER (ORDER BY rank, municipality_code) AS fifth
        FROM analysis.ranking_now
        WHERE outcome = of_outcome AND rank IS NOT NULL
    ),

    of_fifth AS (
        SELECT
            measured.outcome,
            placed.fifth,
            count(*) AS n,
            avg(measured.value) AS mean,
            stddev_samp(measured.value) / sqrt(count(*)) AS se,
            count(*) - 1 AS df
        FROM analysis.municipality_measure AS measured
        INNER JOIN placed ON measured.municipality_code = placed.municipality_code
        WHERE measured.measure = measure_name
        GROUP BY measured.outcome, placed.fifth
    ),

    with_reach AS (
        SELECT
            *,
            CASE
                WHEN n >= 5 THEN
                    se * (
                        z + (z ** 3 + z) / (4 * df)
                        + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * df ** 2)
                    )
            END AS reach
        FROM of_fifth
    )

    SELECT
        outcome,
        fifth,
        n AS n_municipalities,
        mean,
        mean - reach AS mean_low,
        mean + reach AS mean_high
    FROM with_reach
    ORDER BY outcome, fifth;

COMMENT ON MACRO TABLE analysis.by_fifth IS
'Mean of a measure of analysis.municipality_measure by fifth of the ranking, 1 = fewest granted: FROM analysis.by_fifth(''median_days'').';
