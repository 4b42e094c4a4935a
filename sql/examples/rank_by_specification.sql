-- question: Which place does one municipality have under each specification, and how much does each
--   specification move places in the country?
-- database: benchmark
-- reads: now.sensitivity, now.sensitivity_specification, now.benchmark
-- returns: outcome, specification, rank, places_moved, share_same_quintile
-- caveat: places_moved is the mean over all municipalities; put another name in the last lines

SELECT
    sensitivity.outcome,
    sensitivity.specification,
    sensitivity.rank,
    sensitivity_specification.places_moved,
    sensitivity_specification.share_same_quintile
FROM now.sensitivity
INNER JOIN now.sensitivity_specification
    ON
        sensitivity.outcome = sensitivity_specification.outcome
        AND sensitivity.specification = sensitivity_specification.specification
SEMI JOIN now.benchmark
    ON
        sensitivity.municipality_code = benchmark.municipality_code
        AND benchmark.municipality_name = 'Aarhus'
ORDER BY sensitivity.outcome, sensitivity.rank, sensitivity.specification;
