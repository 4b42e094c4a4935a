-- object: mart.route_history
-- grain: one row per person on a benefit at the end of the year before a year at risk, with recent
--   sickness benefit or with a programme in five years, and that year
-- key: person_id, year
-- units: none
-- source: STAR, DREAM
-- reads: core.benefit_spell, core.week
-- caveat: sickness weeks are those of the 78 weeks before the year, within which the law of 2007
--   allowed 52; whoever has no row is at the first level of every column

CREATE TABLE mart.route_history AS
WITH year_at_risk AS (
    SELECT unnest(getvariable('years_at_risk')) AS year
),

period AS (
    SELECT
        year_at_risk.year,
        max(week.week_position) AS last_week,
        max(week.week_position) - 77 AS first_sickness_week,
        max(week.week_position) - 259 AS first_week
    FROM year_at_risk
    INNER JOIN core.week ON year_at_risk.year > week.iso_year
    GROUP BY year_at_risk.year
),

spell AS (
    SELECT
        benefit_spell.person_id,
        period.year,
        benefit_spell.benefit_state,
        benefit_spell.last_week_position >= period.last_week AS is_in_last_week,
        greatest(
            least(benefit_spell.last_week_position, period.last_week)
            - greatest(benefit_spell.first_week_position, period.first_sickness_week) + 1, 0
        ) AS recent_weeks
    FROM core.benefit_spell
    INNER JOIN period
        ON
            benefit_spell.first_week_position <= period.last_week
            AND benefit_spell.last_week_position >= period.first_week
),

history AS (
    SELECT
        spell.person_id,
        spell.year,
        max(spell.benefit_state) FILTER (WHERE spell.is_in_last_week) AS last_state,
        coalesce(
            sum(spell.recent_weeks) FILTER (WHERE spell.benefit_state = 'sickness_benefit'), 0
        ) AS sickness_weeks,
        bool_or(spell.benefit_state = 'rehabilitation') AS ever_rehabilitation,
        bool_or(spell.benefit_state = 'resource_programme') AS ever_resource_programme
    FROM spell
    GROUP BY spell.person_id, spell.year
),

route AS (
    SELECT
        history.person_id,
        history.year,
        CASE
            WHEN history.last_state IN ('flexjob', 'flexjob_unemployment') THEN 'flexjob'
            WHEN
                history.last_state IN (
                    'unemployment', 'cash_benefit', 'education_benefit', 'sickness_benefit',
                    'rehabilitation', 'resource_programme', 'job_clarification'
                ) THEN history.last_state
            WHEN
                coalesce(history.last_state, 'student_grant') = 'student_grant'
                THEN 'self_supporting'
            ELSE 'other'
        END AS last_benefit,
        CASE
            WHEN history.sickness_weeks = 0 THEN 'none'
            WHEN history.sickness_weeks <= 52 THEN 'up_to_52'
            ELSE 'over_52'
        END AS sickness_duration,
        CASE WHEN history.ever_rehabilitation THEN 'yes' ELSE 'no' END AS ever_rehabilitation,
        CASE
            WHEN history.ever_resource_programme THEN 'yes' ELSE 'no'
        END AS ever_resource_programme
    FROM history
)

SELECT
    route.person_id,
    route.year,
    route.last_benefit,
    route.sickness_duration,
    route.ever_rehabilitation,
    route.ever_resource_programme
FROM route
WHERE
    route.last_benefit != 'self_supporting'
    OR route.sickness_duration != 'none'
    OR route.ever_rehabilitation = 'yes'
    OR route.ever_resource_programme = 'yes'
ORDER BY route.year, route.person_id;

COMMENT ON TABLE mart.route_history IS
'Which benefits a person came by: the last one, weeks of sickness benefit, programmes ever.';
COMMENT ON COLUMN mart.route_history.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN mart.route_history.year IS 'Year at risk.';
COMMENT ON COLUMN mart.route_history.last_benefit IS
'Benefit in the last ISO week of the year before; self_supporting when none or student grant.';
COMMENT ON COLUMN mart.route_history.sickness_duration IS
'Weeks on sickness benefit in the 78 weeks before the year: none, up_to_52 or over_52.';
COMMENT ON COLUMN mart.route_history.ever_rehabilitation IS
'yes for rehabilitation in any of the 260 weeks before the year, else no.';
COMMENT ON COLUMN mart.route_history.ever_resource_programme IS
'yes for a resource programme in any of the 260 weeks before the year, else no.';
