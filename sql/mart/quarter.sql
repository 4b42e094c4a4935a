-- object: mart.quarter
-- grain: one row per quarter at whose end stocks are counted
-- key: quarter_number
-- units: none
-- source: STAR, DREAM; BEF
-- reads: core.week, core.person_snapshot
-- caveat: from the eve of the first year at risk; a quarter is 13 ISO weeks, the last one of a long
--   year 14; quarters without a snapshot of residence are left out

CREATE TABLE mart.quarter AS
WITH placed AS (
    SELECT
        week.iso_year AS year,
        CAST(least(4, (week.iso_week - 1) // 13 + 1) AS INTEGER) AS quarter,
        max(week.iso_week) AS last_week,
        max(week.week_position) AS week_position
    FROM core.week
    WHERE
        week.iso_year BETWEEN list_min(getvariable('years_at_risk')) - 1
        AND list_max(getvariable('years_at_risk'))
    GROUP BY week.iso_year, quarter
),

snapshot AS (
    SELECT DISTINCT person_snapshot.snapshot_year FROM core.person_snapshot
)

SELECT
    placed.year,
    placed.quarter,
    placed.week_position,
    CAST(4 * placed.year + placed.quarter - 1 AS INTEGER) AS quarter_number,
    CAST(max(snapshot.snapshot_year) AS INTEGER) AS snapshot_year
FROM placed
-- Of the last day of the year itself at the end of its last quarter, else of the year before.
INNER JOIN snapshot
    ON
        placed.year - 1 = snapshot.snapshot_year
        OR (placed.quarter = 4 AND placed.year = snapshot.snapshot_year)
WHERE
    placed.last_week >= 13 * placed.quarter
    AND (
        placed.year > list_min(getvariable('years_at_risk')) - 1
        OR placed.quarter = 4
    )
GROUP BY placed.year, placed.quarter, placed.week_position
ORDER BY quarter_number;

COMMENT ON TABLE mart.quarter IS 'Quarters at whose end stocks are counted.';
COMMENT ON COLUMN mart.quarter.year IS 'ISO year.';
COMMENT ON COLUMN mart.quarter.quarter IS 'Quarter of the year, 1 to 4.';
COMMENT ON COLUMN mart.quarter.week_position IS 'Last week of the quarter, as in core.week.';
COMMENT ON COLUMN mart.quarter.quarter_number IS 'Number of the quarter; the next one has one more.';
COMMENT ON COLUMN mart.quarter.snapshot_year IS
'Year of the 31 December on which residence and age are taken.';
