-- question: Do two municipalities differ in practice from one another?
-- database: benchmark
-- reads: analysis.compared
-- returns: outcome, municipality, compared_with, difference, odds_ratio, odds_ratio_low,
--   odds_ratio_high, is_different
-- caveat: one pair that was chosen beforehand; the two farthest apart always look different

SELECT
    compared.outcome,
    compared.municipality,
    compared.compared_with,
    compared.difference,
    compared.odds_ratio,
    compared.odds_ratio_low,
    compared.odds_ratio_high,
    compared.is_different
FROM analysis.compared('Aarhus', 'Aalborg') AS compared
ORDER BY compared.outcome;
