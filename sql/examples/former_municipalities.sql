-- question: What did the old municipalities grant before they were merged, against what was expected?
-- database: benchmark
-- reads: now.former_municipality, now.municipality
-- returns: outcome, municipality_name, former_municipality_code, is_largest, ratio_shrunk,
--   ratio_shrunk_low, ratio_shrunk_high
-- caveat: of the years before 2007; corrected for chance, so that small parts lie near their
--   municipality's mean

SELECT
    former_municipality.outcome,
    municipality.municipality_name,
    former_municipality.former_municipality_code,
    former_municipality.is_largest,
    former_municipality.ratio_shrunk,
    former_municipality.ratio_shrunk_low,
    former_municipality.ratio_shrunk_high
FROM now.former_municipality
INNER JOIN now.municipality
    ON former_municipality.municipality_code = municipality.municipality_code
WHERE former_municipality.year_to < 2007
ORDER BY
    former_municipality.outcome,
    municipality.municipality_name,
    former_municipality.former_municipality_code;
