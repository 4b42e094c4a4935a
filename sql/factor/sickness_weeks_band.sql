-- object: factor.sickness_weeks_band
-- place: 8
-- title: Sygedagpenge året før / Sickness benefit the year before
-- levels: none = Ingen sygedagpenge / No sickness benefit; up_to_26 = 1-26 uger / 1-26 weeks;
--   over_26 = Over 26 uger / Over 26 weeks
-- reference: none
-- bands: above 0 26, uger / weeks
-- otherwise: none
-- lookback: the ISO year before
-- health: no
-- source: STAR, DREAM
-- reads: mart.benefit_history
-- caveat: no more than 53 weeks

SELECT
    benefit_history.person_id,
    benefit_history.year,
    list_extract(
        getvariable('sickness_weeks_band_levels'),
        1 + len(
            list_filter(
                getvariable('sickness_weeks_band_edges'),
                LAMBDA edge: benefit_history.sickness_benefit_weeks > edge
            )
        )
    ) AS level
FROM mart.benefit_history
