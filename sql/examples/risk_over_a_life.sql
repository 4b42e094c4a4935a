-- question: How many are granted a pension or a flexjob before 65, and how far apart are municipalities of low and high practice?
-- database: benchmark
-- reads: now.life_risk
-- returns: outcome, area_code, until_age, risk, risk_low, risk_high
-- caveat: a life at the risks of the benchmark's years in which nobody dies first; area 000 is the
--   whole country, 081 to 085 the regions, fifth_1 grants fewest; unadjusted for who citizens are

SELECT
    life_risk.outcome,
    life_risk.area_code,
    life_risk.year_to + 1 AS until_age,
    life_risk.risk,
    life_risk.risk_low,
    life_risk.risk_high
FROM now.life_risk
WHERE life_risk.clock = 'age'
QUALIFY
    row_number() OVER (
        PARTITION BY life_risk.outcome, life_risk.area_code
        ORDER BY life_risk.year_to DESC
    ) = 1
ORDER BY life_risk.outcome, life_risk.area_code;
