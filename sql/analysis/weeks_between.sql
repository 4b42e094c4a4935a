-- object: analysis.weeks_between
-- database: registers
-- grain: one value
-- key: none
-- units: weeks
-- source: formula
-- reads: none
-- caveat: a week is of the day on which it begins, its Monday

-- The linter cannot parse COMMENT ON MACRO.
-- noqa: disable=all
CREATE MACRO analysis.weeks_between(first_week_date, last_week_date, from_date, until_date) AS
    greatest(
        CAST(
            (
                least(last_week_date, CAST(date_trunc('week', until_date - 1) AS DATE))
                - greatest(first_week_date, CAST(date_trunc('week', from_date + 6) AS DATE))
            ) / 7 AS INTEGER
        ) + 1,
        0
    );

COMMENT ON MACRO analysis.weeks_between IS
'Weeks of a spell, given by the Mondays of its first and last week, that begin on or after from_date and before until_date.';
