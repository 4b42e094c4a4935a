-- question: Why does one municipality grant more or fewer than the country: who lives there, the
--   conditions it works under, or what is left?
-- database: benchmark
-- reads: now.decomposition, now.benchmark
-- returns: outcome, component, per_1000, low, high, grants
-- caveat: the three parts add to the total exactly; what is left is called practice and is not proof
--   of it; put another name in the last lines

SELECT
    decomposition.outcome,
    decomposition.component,
    1000 * decomposition.difference_share AS per_1000,
    1000 * decomposition.low AS low,
    1000 * decomposition.high AS high,
    decomposition.difference_grants AS grants
FROM now.decomposition
SEMI JOIN now.benchmark
    ON
        decomposition.municipality_code = benchmark.municipality_code
        AND benchmark.municipality_name = 'Frederikshavn'
ORDER BY
    decomposition.outcome,
    decomposition.component = 'total',
    decomposition.component;
