-- object: checks.benefit_weeks_known
-- grain: one row per year with too large a share of weeks on a code that no list has
-- key: iso_year
-- units: weeks
-- source: settings max_unknown_week_share
-- reads: core.benefit_spell, core.week
-- caveat: the share of weeks with any code; a few unknown weeks are counted by benefit_code_known
-- severity: stop

WITH year_weeks AS (
    SELECT
        week.iso_year,
        min(week.week_position) AS first_position,
        max(week.week_position) AS last_position
    FROM core.week
    GROUP BY week.iso_year
),

-- Only years with an unknown code are looked at: most deliveries have none.
doubtful_year AS (
    SELECT DISTINCT
        year_weeks.iso_year,
        year_weeks.first_position,
        year_weeks.last_position
    FROM year_weeks
    INNER JOIN core.benefit_spell
        ON
            year_weeks.first_position <= benefit_spell.last_week_position
            AND year_weeks.last_position >= benefit_spell.first_week_position
    WHERE benefit_spell.benefit_state = 'unknown'
),

code_weeks AS (
    SELECT
        doubtful_year.iso_year,
        benefit_spell.benefit_code,
        benefit_spell.benefit_state = 'unknown' AS is_unknown,
        sum(
            least(benefit_spell.last_week_position, doubtful_year.last_position)
            - greatest(benefit_spell.first_week_position, doubtful_year.first_position) + 1
        ) AS n_weeks
    FROM doubtful_year
    INNER JOIN core.benefit_spell
        ON
            doubtful_year.first_position <= benefit_spell.last_week_position
            AND doubtful_year.last_position >= benefit_spell.first_week_position
    GROUP BY doubtful_year.iso_year, benefit_spell.benefit_code, is_unknown
)

SELECT
    code_weeks.iso_year,
    sum(code_weeks.n_weeks) AS n_weeks,
    coalesce(sum(code_weeks.n_weeks) FILTER (WHERE code_weeks.is_unknown), 0) AS n_unknown_weeks,
    array_to_string(
        list(code_weeks.benefit_code ORDER BY code_weeks.n_weeks DESC, code_weeks.benefit_code ASC)
        FILTER (WHERE code_weeks.is_unknown)[:5], ' '
    ) AS commonest_unknown_codes
FROM code_weeks
GROUP BY code_weeks.iso_year
HAVING
    coalesce(sum(code_weeks.n_weeks) FILTER (WHERE code_weeks.is_unknown), 0)
    > getvariable('max_unknown_week_share') * sum(code_weeks.n_weeks)
ORDER BY code_weeks.iso_year
