-- object: factor.education
-- place: 3
-- title: Uddannelse / Education
-- levels: basic = Grundskole / Basic school; upper_secondary = Gymnasial / Upper secondary;
--   vocational = Erhvervsfaglig / Vocational; higher = Videregående / Higher; unknown = Uoplyst /
--   Not stated
-- reference: basic
-- lookback: none
-- health: no
-- source: Statistics Denmark, UDDA
-- reads: mart.resident_year
-- caveat: highest completed by the end of the year before

SELECT
    resident_year.person_id,
    resident_year.year,
    resident_year.education AS level
FROM mart.resident_year
