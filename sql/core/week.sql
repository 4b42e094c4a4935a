-- object: core.week
-- grain: one row per week of DREAM
-- key: week_position
-- units: weeks
-- source: STAR, DREAM
-- reads: raw.dream
-- caveat: weeks that the file lacks have no row; the load puts the columns in order of time

CREATE TABLE core.week AS
-- Counting gives each week column a value, so that unpivoting keeps it.
WITH any_person AS (
    SELECT COLUMNS('^y_[0-9]{4}$')
    FROM raw.dream
    ORDER BY row_number
    LIMIT 1
),

counted AS (
    SELECT count(COLUMNS(*)) FROM any_person
),

named AS (
    SELECT
        CAST(regexp_extract(column_name, 'y_([0-9]{2})', 1) AS INTEGER) AS year_of_century,
        CAST(regexp_extract(column_name, 'y_[0-9]{2}([0-9]{2})', 1) AS INTEGER) AS iso_week
    FROM (UNPIVOT counted ON COLUMNS(*) INTO NAME column_name VALUE n_persons)
),

dated AS (
    SELECT
        iso_week,
        year_of_century + CASE WHEN year_of_century >= 90 THEN 1900 ELSE 2000 END AS iso_year
    FROM named
)

SELECT
    CAST(row_number() OVER (ORDER BY dated.iso_year, dated.iso_week) AS INTEGER) AS week_position,
    dated.iso_year,
    dated.iso_week,
    -- 4 January always lies in the first ISO week of its year.
    CAST(
        date_trunc('week', make_date(dated.iso_year, 1, 4)) + to_days(7 * (dated.iso_week - 1))
        AS DATE
    ) AS monday_date
FROM dated
ORDER BY week_position;

COMMENT ON TABLE core.week IS 'Weeks that DREAM covers, in order.';
COMMENT ON COLUMN core.week.week_position IS 'Number of the week in the data, from 1.';
COMMENT ON COLUMN core.week.iso_year IS 'ISO year.';
COMMENT ON COLUMN core.week.iso_week IS 'ISO week, 1 to 53.';
COMMENT ON COLUMN core.week.monday_date IS 'Monday of the week.';
