-- object: core.week
-- grain: one row per week of DREAM
-- key: week_position
-- units: weeks
-- source: STAR, DREAM
-- reads: raw.dream_week
-- caveat: weeks that the file lacks have no row

CREATE TABLE core.week AS
WITH named AS (
    SELECT
        dream_week.week_position,
        dream_week.week_column,
        CAST(dream_week.week_column[3:4] AS INTEGER) AS year_of_century,
        CAST(dream_week.week_column[5:6] AS INTEGER) AS iso_week
    FROM raw.dream_week
),

dated AS (
    SELECT
        named.week_position,
        named.week_column,
        named.iso_week,
        named.year_of_century
        + CASE WHEN named.year_of_century >= 90 THEN 1900 ELSE 2000 END AS iso_year
    FROM named
)

SELECT
    dated.week_position,
    dated.week_column,
    dated.iso_year,
    dated.iso_week,
    -- 4 January always lies in the first ISO week of its year.
    CAST(
        date_trunc('week', make_date(dated.iso_year, 1, 4)) + to_days(7 * (dated.iso_week - 1))
        AS DATE
    ) AS monday_date
FROM dated
ORDER BY dated.week_position;

COMMENT ON TABLE core.week IS 'Weeks that DREAM covers, in order.';
COMMENT ON COLUMN core.week.week_position IS 'Number of the week in the data, from 1.';
COMMENT ON COLUMN core.week.week_column IS 'Name of the column in the register, y_YYWW.';
COMMENT ON COLUMN core.week.iso_year IS 'ISO year.';
COMMENT ON COLUMN core.week.iso_week IS 'ISO week, 1 to 53.';
COMMENT ON COLUMN core.week.monday_date IS 'Monday of the week.';
