-- object: factor.work_years_band
-- place: 29
-- title: År i arbejde af de sidste fem / Years in work of the last five
-- levels: none = Intet år / No year; up_to_2 = 1-2 år / 1-2 years; 2_to_4 = 3-4 år / 3-4 years; over_4 =
--   5 år / 5 years
-- reference: none
-- bands: above 0 2 4, år / years
-- lookback: five years before
-- health: no
-- source: Statistics Denmark, AKM
-- reads: core.labour_market_status, mart.year_at_risk
-- caveat: years whose main attachment is as employee or self-employed; none for all where AKM was
--   not delivered

WITH person AS (
    SELECT
        labour_market_status.person_id,
        year_at_risk.year,
        count(*) AS n_years
    FROM core.labour_market_status
    INNER JOIN mart.year_at_risk
        ON
            labour_market_status.status_year
            BETWEEN year_at_risk.year - 5 AND year_at_risk.year - 1
    WHERE labour_market_status.labour_market_status IN ('employed', 'self_employed')
    GROUP BY labour_market_status.person_id, year_at_risk.year
)

SELECT
    person.person_id,
    person.year,
    list_extract(
        getvariable('work_years_band_levels'),
        1 + len(
            list_filter(getvariable('work_years_band_edges'), LAMBDA edge: person.n_years > edge)
        )
    ) AS level
FROM person
