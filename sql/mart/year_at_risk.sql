-- object: mart.year_at_risk
-- grain: one row per year at risk
-- key: year
-- units: years
-- source: the benchmark
-- reads: none
-- caveat: the last year of every look-back is the one before

CREATE TABLE mart.year_at_risk AS
SELECT
    listed.year,
    listed.year - getvariable('health_lookback_years') AS first_health_year
FROM (SELECT unnest(getvariable('years_at_risk')) AS year) AS listed
ORDER BY listed.year;

COMMENT ON TABLE mart.year_at_risk IS 'The years at risk and where their look-backs begin.';
COMMENT ON COLUMN mart.year_at_risk.year IS 'Year at risk.';
COMMENT ON COLUMN mart.year_at_risk.first_health_year IS
'First year whose diagnoses count as health before it.';
