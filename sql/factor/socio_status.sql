-- object: factor.socio_status
-- place: 28
-- title: Socioøkonomisk status / Socio-economic status
-- levels: employed = Lønmodtager / Employee; self_employed = Selvstændig / Self-employed; student =
--   Under uddannelse / Student; unemployed = Arbejdsløs / Unemployed; on_benefit = På anden ydelse
--   / On another benefit; other = Andet / Other; unknown = Uoplyst / Not stated
-- reference: employed
-- otherwise: unknown
-- lookback: the year before
-- health: no
-- source: Statistics Denmark, AKM
-- reads: core.labour_market_status
-- caveat: the main attachment of the whole year; unknown for all where AKM was not delivered

SELECT
    labour_market_status.person_id,
    labour_market_status.status_year + 1 AS year,
    CASE
        WHEN
            labour_market_status.labour_market_status IN ('employed', 'self_employed', 'student')
            THEN labour_market_status.labour_market_status
        WHEN labour_market_status.labour_market_status = 'unemployed' THEN 'unemployed'
        WHEN
            labour_market_status.labour_market_status IN (
                'sickness_benefit', 'cash_benefit', 'disability_pension', 'early_retirement',
                'old_age_pension'
            )
            THEN 'on_benefit'
        WHEN labour_market_status.labour_market_status = 'unknown' THEN 'unknown'
        ELSE 'other'
    END AS level
FROM core.labour_market_status
WHERE list_contains(getvariable('years_at_risk'), labour_market_status.status_year + 1)
