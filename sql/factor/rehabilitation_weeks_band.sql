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
-- reads: mart.benefit_before
-- caveat: a programme before the five years does not count

SELECT
    benefit_before.person_id,
    benefit_before.year,
    list_extract(
        getvariable('rehabilitation_weeks_band_levels'),
        1 + len(
            list_filter(
                getvariable('rehabilitation_weeks_band_edges'),
                LAMBDA edge: benefit_before.five_years_weeks > edge
            )
        )
    ) AS level
FROM mart.benefit_before
WHERE benefit_before.benefit_state = 'rehabilitation'
