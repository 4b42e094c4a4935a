-- question: By which pathway do people come to a pension, and does a municipality differ from the country?
-- database: benchmark
-- reads: now.pathway, codes.pathway
-- returns: pathway, area_code, n_grants, expected, ratio, ratio_low, ratio_high, share, share_low, share_high
-- caveat: types of the five years before the grant; expected from how long the citizens have been on
--   cash benefit; counts have noise, which the limits take in

SELECT
    pathway.name_en AS pathway,
    grants.area_code,
    grants.n_grants,
    grants.expected,
    grants.ratio,
    grants.ratio_low,
    grants.ratio_high,
    grants.share,
    grants.share_low,
    grants.share_high
FROM now.pathway AS grants
INNER JOIN codes.pathway ON grants.pathway = pathway.pathway
WHERE
    grants.outcome = 'FP'
    AND grants.area_code IN ('000', '751')
    AND grants.method = 'rules'
ORDER BY grants.area_code, pathway.position;
