-- object: factor.sex
-- place: 2
-- title: Køn / Sex
-- levels: male = Mand / Male; female = Kvinde / Female
-- reference: male
-- lookback: none
-- health: no
-- source: Statistics Denmark, BEF
-- reads: mart.resident_year
-- caveat: as registered

SELECT
    resident_year.person_id,
    resident_year.year,
    resident_year.sex AS level
FROM mart.resident_year
