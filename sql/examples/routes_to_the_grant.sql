-- question: Which municipalities grant more than expected to people who came from sickness benefit?
-- database: benchmark
-- reads: now.route, now.benchmark
-- returns: municipality_name, level, observed, expected, ratio, ratio_low, ratio_high
-- caveat: the benefit at the end of the year before; counts carry noise, so levels add up nearly

SELECT
    benchmark.municipality_name,
    route.level,
    route.observed,
    route.expected,
    route.ratio,
    route.ratio_low,
    route.ratio_high
FROM now.route
INNER JOIN now.benchmark
    ON
        route.run_id = benchmark.run_id
        AND route.outcome = benchmark.outcome
        AND route.municipality_code = benchmark.municipality_code
WHERE
    route.outcome = 'ANY'
    AND benchmark.model = 'within'
    AND route.dimension = 'last_benefit'
    AND route.level = 'sickness_benefit'
    AND NOT route.is_suppressed
ORDER BY route.ratio DESC, benchmark.municipality_name ASC;
