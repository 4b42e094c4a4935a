-- object: factor.tenure_band
-- place: 7
-- title: Anciennitet på kontanthjælp / Tenure on cash benefit
-- levels: none = Ingen kontanthjælp / No cash benefit; up_to_1 = Højst 1 år / Up to 1 year; 1_to_2
--   = 1-2 år / 1 to 2 years; 2_to_5 = 2-5 år / 2 to 5 years; over_5 = Over 5 år / Over 5 years
-- reference: none
-- bands: above 0 1 2 5, år / years
-- otherwise: none
-- lookback: tenure
-- health: no
-- source: STAR, DREAM
-- reads: mart.benefit_history
-- caveat: cumulative on cash or education benefit; 52 weeks are a year

SELECT
    benefit_history.person_id,
    benefit_history.year,
    list_extract(
        getvariable('tenure_band_levels'),
        1 + len(
            list_filter(
                getvariable('tenure_band_edges'),
                LAMBDA edge: benefit_history.cash_benefit_weeks > 52 * edge
            )
        )
    ) AS level
FROM mart.benefit_history
