-- object: factor.rehabilitation_weeks_band
-- place: 21
-- title: Revalidering de sidste fem år / Rehabilitation in the last five years
-- levels: none = Ingen revalidering / No rehabilitation; up_to_52 = 1-52 uger / 1-52 weeks; over_52
--   = Over 52 uger / Over 52 weeks
-- reference: none
-- bands: above 0 52, uger / weeks
-- lookback: five ISO years before
-- health: no
-- source: STAR, DREAM
-- reads: core.benefit_spell, core.week
-- caveat: a programme before the five years does not count

WITH year_at_risk AS (
    SELECT unnest(getvariable('years_at_risk')) AS year
),

period AS (
    SELECT
        year_at_risk.year,
        min(week.week_position) AS first_week,
        max(week.week_position) AS last_week
    FROM year_at_risk
    INNER JOIN core.week ON week.iso_year BETWEEN year_at_risk.year - 5 AND year_at_risk.year - 1
    GROUP BY year_at_risk.year
),

person AS (
    SELECT
        benefit_spell.person_id,
        period.year,
        sum(
            least(benefit_spell.last_week_position, period.last_week)
            - greatest(benefit_spell.first_week_position, period.first_week) + 1
        ) AS n_weeks
    FROM core.benefit_spell
    INNER JOIN period
        ON
            benefit_spell.first_week_position <= period.last_week
            AND benefit_spell.last_week_position >= period.first_week
    WHERE benefit_spell.benefit_state = 'rehabilitation'
    GROUP BY benefit_spell.person_id, period.year
)

SELECT
    person.person_id,
    person.year,
    list_extract(
        getvariable('rehabilitation_weeks_band_levels'),
        1 + len(
            list_filter(
                getvariable('rehabilitation_weeks_band_edges'), LAMBDA edge: person.n_weeks > edge
            )
        )
    ) AS level
FROM person
