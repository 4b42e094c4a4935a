-- object: result.benefit_price
-- grain: one row per group of benefit states with a price
-- key: run_id, state_group
-- units: kroner a month, shares 0-1
-- source: pipeline.codes.prices, or benefit_price.csv in the home
-- reads: none
-- caveat: an example unless an office has put its own list in the home; a group that is left out costs nothing; nothing is discounted
-- disclosure: public

CREATE TABLE result.benefit_price (
    run_id VARCHAR NOT NULL,
    state_group VARCHAR NOT NULL,
    kroner_a_month DOUBLE NOT NULL,
    municipal_share DOUBLE NOT NULL,
    source VARCHAR NOT NULL,
    PRIMARY KEY (run_id, state_group)
);

COMMENT ON TABLE result.benefit_price IS
'The price list that grant_cost and what_if_cost are of: of the home, or the example that ships.';
COMMENT ON COLUMN result.benefit_price.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.benefit_price.state_group IS
'Group of benefit states; codes.state_group names it.';
COMMENT ON COLUMN result.benefit_price.kroner_a_month IS 'What one person costs a month.';
COMMENT ON COLUMN result.benefit_price.municipal_share IS
'Share that the municipality pays after the state’s refund.';
COMMENT ON COLUMN result.benefit_price.source IS 'Where the price is from.';
