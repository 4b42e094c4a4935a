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
-- reads: mart.benefit_before
-- caveat: weeks outside the year do not count

SELECT
    benefit_before.person_id,
    benefit_before.year,
    list_extract(
        getvariable('unemployment_weeks_band_levels'),
        1 + len(
            list_filter(
                getvariable('unemployment_weeks_band_edges'),
                LAMBDA edge: benefit_before.year_before_weeks > edge
            )
        )
    ) AS level
FROM mart.benefit_before
WHERE benefit_before.benefit_state = 'unemployment' AND benefit_before.year_before_weeks > 0
