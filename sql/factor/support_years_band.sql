-- object: factor.support_years_band
-- place: 23
-- title: År på offentlig forsørgelse / Years on public support
-- levels: 0_to_2 = 0-2 år / 0-2 years; 3_to_5 = 3-5 år / 3-5 years; 6_to_10 = 6-10 år / 6-10 years;
--   over_10 = 11 år eller mere / 11 years or more
-- reference: 0_to_2
-- lookback: all weeks that DREAM covers
-- health: no
-- source: STAR, DREAM
-- reads: core.benefit_spell, core.week, mart.year_at_risk
-- caveat: 52 weeks are a year; student grant, parental leave, early retirement and old age are no
--   support; a country whose DREAM begins later has fewer

WITH period AS (
    SELECT
        year_at_risk.year,
        max(week.week_position) AS last_week
    FROM mart.year_at_risk
    INNER JOIN core.week ON year_at_risk.year > week.iso_year
    GROUP BY year_at_risk.year
),

person AS (
    SELECT
        benefit_spell.person_id,
        period.year,
        sum(
            least(benefit_spell.last_week_position, period.last_week)
            - benefit_spell.first_week_position + 1
        ) AS n_weeks
    FROM core.benefit_spell
    INNER JOIN period ON benefit_spell.first_week_position <= period.last_week
    WHERE
        benefit_spell.benefit_state IN (
            'unemployment', 'cash_benefit', 'education_benefit', 'sickness_benefit',
            'rehabilitation', 'resource_programme', 'job_clarification', 'flexjob',
            'flexjob_unemployment', 'disability_pension'
        )
    GROUP BY benefit_spell.person_id, period.year
)

SELECT
    person.person_id,
    person.year,
    CASE
        WHEN person.n_weeks <= 2 * 52 THEN '0_to_2'
        WHEN person.n_weeks <= 5 * 52 THEN '3_to_5'
        WHEN person.n_weeks <= 10 * 52 THEN '6_to_10'
        ELSE 'over_10'
    END AS level
FROM person
