-- object: factor.age_band
-- place: 1
-- title: Alder / Age
-- levels: 18-24 = 18-24 år / 18-24 years; 25-29 = 25-29 år / 25-29 years; 30-39 = 30-39 år / 30-39
--   years; 40-49 = 40-49 år / 40-49 years; 50-59 = 50-59 år / 50-59 years; 60-64 = 60-64 år / 60-64
--   years
-- reference: 30-39
-- bands: from 25 30 40 50 60, år / years
-- lookback: none
-- health: no
-- source: Statistics Denmark, BEF
-- reads: mart.resident_year
-- caveat: ages on 31 December before, full years; cut where the benchmark says

SELECT
    resident_year.person_id,
    resident_year.year,
    resident_year.age_band AS level
FROM mart.resident_year
