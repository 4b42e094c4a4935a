-- object: factor.origin
-- place: 4
-- title: Oprindelse / Origin
-- levels: danish = Dansk oprindelse / Danish origin; immigrant = Indvandrer / Immigrant; descendant
--   = Efterkommer / Descendant
-- reference: danish
-- lookback: none
-- health: no
-- source: Statistics Denmark, BEF
-- reads: mart.resident_year
-- caveat: as Statistics Denmark counts descent

SELECT
    resident_year.person_id,
    resident_year.year,
    resident_year.origin AS level
FROM mart.resident_year
