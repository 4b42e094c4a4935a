-- object: result.what_if_cost
-- grain: one row per outcome, standard and area
-- key: run_id, outcome, standard, area_code
-- units: persons, kroner
-- source: pipeline.model, from what_if and grant_cost
-- reads: none
-- caveat: limits are those of the change in grants: how long grants last, and prices, are taken as known; no causal claim and no recommendation
-- disclosure: counts

CREATE TABLE result.what_if_cost (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    standard VARCHAR NOT NULL,
    area_code VARCHAR NOT NULL,
    years_of_practice INTEGER NOT NULL,
    persons_change DOUBLE NOT NULL,
    persons_change_low DOUBLE NOT NULL,
    persons_change_high DOUBLE NOT NULL,
    kroner_change DOUBLE NOT NULL,
    kroner_change_low DOUBLE NOT NULL,
    kroner_change_high DOUBLE NOT NULL,
    net_kroner_change DOUBLE NOT NULL,
    net_kroner_change_low DOUBLE NOT NULL,
    net_kroner_change_high DOUBLE NOT NULL,
    net_municipal_kroner_change DOUBLE NOT NULL,
    net_municipal_kroner_change_low DOUBLE NOT NULL,
    net_municipal_kroner_change_high DOUBLE NOT NULL,
    net_kroner_total_change DOUBLE NOT NULL,
    net_kroner_total_change_low DOUBLE NOT NULL,
    net_kroner_total_change_high DOUBLE NOT NULL,
    PRIMARY KEY (run_id, outcome, standard, area_code)
);

COMMENT ON TABLE result.what_if_cost IS
'What the change in grants of what_if comes to when it has gone on for years: persons on the benefit, kroner a year and in all.';
COMMENT ON COLUMN result.what_if_cost.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.what_if_cost.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.what_if_cost.standard IS 'Whose practice is applied, e.g. lowest_10.';
COMMENT ON COLUMN result.what_if_cost.area_code IS
'000 the whole country, else the municipality, three digits.';
COMMENT ON COLUMN result.what_if_cost.years_of_practice IS
'Years that the other practice has lasted.';
COMMENT ON COLUMN result.what_if_cost.persons_change IS
'Persons more (fewer) on the benefit after the years.';
COMMENT ON COLUMN result.what_if_cost.persons_change_low IS 'Lower limit of it.';
COMMENT ON COLUMN result.what_if_cost.persons_change_high IS 'Upper limit of it.';
COMMENT ON COLUMN result.what_if_cost.kroner_change IS 'Their benefit, kroner a year.';
COMMENT ON COLUMN result.what_if_cost.kroner_change_low IS 'Lower limit of it.';
COMMENT ON COLUMN result.what_if_cost.kroner_change_high IS 'Upper limit of it.';
COMMENT ON COLUMN result.what_if_cost.net_kroner_change IS
'Their benefit less what the same persons cost on what they had in the week before the grant, kroner a year.';
COMMENT ON COLUMN result.what_if_cost.net_kroner_change_low IS 'Lower limit of it.';
COMMENT ON COLUMN result.what_if_cost.net_kroner_change_high IS 'Upper limit of it.';
COMMENT ON COLUMN result.what_if_cost.net_municipal_kroner_change IS
'The same to the municipality after the state’s refund, kroner a year.';
COMMENT ON COLUMN result.what_if_cost.net_municipal_kroner_change_low IS 'Lower limit of it.';
COMMENT ON COLUMN result.what_if_cost.net_municipal_kroner_change_high IS 'Upper limit of it.';
COMMENT ON COLUMN result.what_if_cost.net_kroner_total_change IS
'Net kroner in all over the years.';
COMMENT ON COLUMN result.what_if_cost.net_kroner_total_change_low IS 'Lower limit of it.';
COMMENT ON COLUMN result.what_if_cost.net_kroner_total_change_high IS 'Upper limit of it.';
