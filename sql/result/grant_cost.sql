-- object: result.grant_cost
-- grain: one row per outcome and year of the practice
-- key: run_id, outcome, years_of_practice
-- units: persons, kroner
-- source: pipeline.model, from grant_state and benefit_price
-- reads: none
-- caveat: net takes for granted that they would have stayed on what they had in the week before the grant; no other public cost or income counts, no tax, no work
-- disclosure: counts

CREATE TABLE result.grant_cost (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    years_of_practice INTEGER NOT NULL,
    persons_per_grant DOUBLE NOT NULL,
    kroner_per_grant DOUBLE NOT NULL,
    municipal_kroner_per_grant DOUBLE NOT NULL,
    net_kroner_per_grant DOUBLE NOT NULL,
    net_municipal_kroner_per_grant DOUBLE NOT NULL,
    net_kroner_total_per_grant DOUBLE NOT NULL,
    PRIMARY KEY (run_id, outcome, years_of_practice)
);

COMMENT ON TABLE result.grant_cost IS
'Persons on the benefit and kroner, if one more is granted every year, by how many years it has gone on, the whole country.';
COMMENT ON COLUMN result.grant_cost.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.grant_cost.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.grant_cost.years_of_practice IS
'Years that the other practice has lasted.';
COMMENT ON COLUMN result.grant_cost.persons_per_grant IS
'Persons more on the benefit when one more a year has been granted for so long.';
COMMENT ON COLUMN result.grant_cost.kroner_per_grant IS 'Their benefit, kroner a year.';
COMMENT ON COLUMN result.grant_cost.municipal_kroner_per_grant IS
'Of it the municipality’s part after the state’s refund.';
COMMENT ON COLUMN result.grant_cost.net_kroner_per_grant IS
'Their benefit less what the same persons cost on what they had in the week before the grant.';
COMMENT ON COLUMN result.grant_cost.net_municipal_kroner_per_grant IS
'The same to the municipality after the state’s refund.';
COMMENT ON COLUMN result.grant_cost.net_kroner_total_per_grant IS 'Net in all over the years.';
