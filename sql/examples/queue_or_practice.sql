-- question: Where is part of a municipality's deviation a queue that grew or was cleared?
-- database: benchmark
-- reads: now.temporary, now.benchmark
-- returns: outcome, municipality_name, rank, rank_lasting, temporary, temporary_low, temporary_high,
--   is_temporary
-- caveat: log odds; those that are told beyond chance first; no row tells a municipality's queue
--   where decisions of three years before the period are missing

SELECT
    temporary.outcome,
    benchmark.municipality_name,
    temporary.rank,
    temporary.rank_lasting,
    temporary.temporary,
    temporary.temporary_low,
    temporary.temporary_high,
    temporary.is_temporary
FROM now.temporary
INNER JOIN now.benchmark
    ON
        temporary.outcome = benchmark.outcome
        AND temporary.municipality_code = benchmark.municipality_code
        AND benchmark.model = 'within'
ORDER BY
    temporary.outcome ASC,
    temporary.is_temporary DESC,
    abs(temporary.temporary) DESC NULLS LAST,
    benchmark.municipality_name ASC;
