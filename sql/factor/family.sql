-- object: factor.family
-- place: 5
-- title: Familie / Family
-- levels: single_no_children = Ugift, ingen børn / Not married, no children; single_children =
--   Ugift, børn / Not married, children; married_no_children = Gift, ingen børn / Married, no
--   children; married_children = Gift, børn / Married, children
-- reference: single_no_children
-- lookback: none
-- health: no
-- source: Statistics Denmark, BEF
-- reads: mart.resident_year
-- caveat: married or not, children under 18 at home or not

SELECT
    resident_year.person_id,
    resident_year.year,
    resident_year.family AS level
FROM mart.resident_year
