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
-- reads: mart.benefit_before
-- caveat: all runs added up, beside weeks of the year before in sickness_weeks_band

SELECT
    benefit_before.person_id,
    benefit_before.year,
    list_extract(
        getvariable('sickness_history_band_levels'),
        1 + len(
            list_filter(
                getvariable('sickness_history_band_edges'),
                LAMBDA edge: benefit_before.five_years_weeks > edge
            )
        )
    ) AS level
FROM mart.benefit_before
WHERE benefit_before.benefit_state = 'sickness_benefit'
