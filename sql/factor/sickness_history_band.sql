-- object: factor.sickness_history_band
-- place: 22
-- title: Sygedagpenge de sidste fem år / Sickness benefit in the last five years
-- levels: none = Ingen sygedagpenge / No sickness benefit; up_to_26 = 1-26 uger / 1-26 weeks;
--   26_to_52 = 26-52 uger / 26-52 weeks; over_52 = Over 52 uger / Over 52 weeks
-- reference: none
-- bands: above 0 26 52, uger / weeks
-- lookback: five ISO years before
-- health: no
-- source: STAR, DREAM
-- reads: core.benefit_spell, core.week
-- caveat: all runs added up, beside weeks of the year before in sickness_weeks_band

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
    WHERE benefit_spell.benefit_state = 'sickness_benefit'
    GROUP BY benefit_spell.person_id, period.year
)

SELECT
    person.person_id,
    person.year,
    list_extract(
        getvariable('sickness_history_band_levels'),
        1 + len(
            list_filter(
                getvariable('sickness_history_band_edges'), LAMBDA edge: person.n_weeks > edge
            )
        )
    ) AS level
FROM person
