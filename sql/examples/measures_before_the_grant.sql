-- question: Where are most measures tried before a grant, and do they come late?
-- database: benchmark
-- reads: now.activity
-- returns: outcome, area_code, n_persons, any_measure, measures_per_person, weeks_active, weeks_first,
--   weeks_last, timing
-- caveat: area 000 is the whole country, fifth_1 grants fewest; shares of weeks are of the weeks on
--   a benefit whose code tells of measures; unadjusted for who citizens are; null where too few

SELECT
    activity.outcome,
    activity.area_code,
    max(activity.n_persons) AS n_persons,
    max(activity.value) FILTER (
        WHERE activity.figure = 'any_measure' AND activity.part = 'all'
    ) AS any_measure,
    max(activity.value) FILTER (
        WHERE activity.figure = 'measures_per_person' AND activity.part = 'all'
    ) AS measures_per_person,
    max(activity.value) FILTER (
        WHERE activity.figure = 'weeks_active' AND activity.part = 'all'
    ) AS weeks_active,
    max(activity.value) FILTER (
        WHERE activity.figure = 'weeks_active' AND activity.part = 'first'
    ) AS weeks_first,
    max(activity.value) FILTER (
        WHERE activity.figure = 'weeks_active' AND activity.part = 'last'
    ) AS weeks_last,
    max(activity.timing) AS timing
FROM now.activity
GROUP BY activity.outcome, activity.area_code
ORDER BY activity.outcome, activity.area_code;
