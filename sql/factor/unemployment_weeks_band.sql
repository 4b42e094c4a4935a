-- object: factor.unemployment_weeks_band
-- place: 20
-- title: Dagpenge året før / Unemployment benefit the year before
-- levels: none = Ingen dagpenge / No unemployment benefit; up_to_13 = 1-13 uger / 1-13 weeks;
--   13_to_26 = 13-26 uger / 13-26 weeks; over_26 = Over 26 uger / Over 26 weeks
-- reference: none
-- bands: above 0 13 26, uger / weeks
-- lookback: the ISO year before
-- health: no
-- source: STAR, DREAM
-- reads: core.benefit_spell, core.week
-- caveat: weeks outside the year do not count

WITH year_at_risk AS (
    SELECT unnest(getvariable('years_at_risk')) AS year
),

period AS (
    SELECT
        year_at_risk.year,
        min(week.week_position) AS first_week,
        max(week.week_position) AS last_week
    FROM year_at_risk
    INNER JOIN core.week ON week.iso_year = year_at_risk.year - 1
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
    WHERE benefit_spell.benefit_state = 'unemployment'
    GROUP BY benefit_spell.person_id, period.year
)

SELECT
    person.person_id,
    person.year,
    list_extract(
        getvariable('unemployment_weeks_band_levels'),
        1 + len(
            list_filter(
                getvariable('unemployment_weeks_band_edges'), LAMBDA edge: person.n_weeks > edge
            )
        )
    ) AS level
FROM person
