-- question: Who is granted: main diagnosis by time on cash benefit, in the country?
-- database: benchmark
-- reads: now.breakdown_country, codes.factor, codes.diagnosis_group
-- returns: diagnosis, tenure, observed, expected, ratio, is_suppressed
-- caveat: expected counts of a diagnosis are the grants expected shared out by the country's mix of
--   diagnoses, so a ratio away from 1 in the country says how tenure and diagnosis go together;
--   outcome FP, model within

SELECT
    diagnosis_group.description_en AS diagnosis,
    factor.description_en AS tenure,
    cell.observed,
    cell.expected,
    cell.ratio,
    cell.is_suppressed
FROM now.breakdown_country AS cell
INNER JOIN codes.factor
    ON cell.tenure_band = factor.level AND factor.factor = 'tenure_band'
INNER JOIN codes.diagnosis_group
    ON cell.diagnosis_group = diagnosis_group.diagnosis_group
WHERE cell.outcome = 'FP' AND cell.model = 'within'
ORDER BY diagnosis_group.priority, factor.position;
