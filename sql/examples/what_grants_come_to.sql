-- question: What does one grant more a year come to: persons on the benefit, kroner a year and in all?
-- database: benchmark
-- reads: now.grant_cost, now.grant_state
-- returns: outcome, years_of_practice, share_dead, persons_per_grant, kroner_per_grant, net_kroner_per_grant, net_municipal_kroner_per_grant, net_kroner_total_per_grant
-- caveat: prices are those of now.benefit_price, an example unless an office has its own list; net of
--   what the same persons had in the week before the grant

SELECT
    grant_cost.outcome,
    grant_cost.years_of_practice,
    grant_state.share AS share_dead,
    grant_cost.persons_per_grant,
    grant_cost.kroner_per_grant,
    grant_cost.net_kroner_per_grant,
    grant_cost.net_municipal_kroner_per_grant,
    grant_cost.net_kroner_total_per_grant
FROM now.grant_cost
LEFT JOIN now.grant_state
    ON
        grant_cost.outcome = grant_state.outcome
        AND grant_cost.years_of_practice = grant_state.years_since_grant
        AND grant_state.state_group = 'dead'
ORDER BY grant_cost.outcome, grant_cost.years_of_practice;
