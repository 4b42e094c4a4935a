-- object: result.municipal_attribute
-- grain: one row per outcome, attribute, adjustment and level
-- key: run_id, outcome, attribute, adjusted_for, level
-- units: log odds
-- source: pipeline.model, from benchmark and municipal_attribute.csv in the home
-- reads: none
-- caveat: associations, not causes; one attribute at a time, so that of many some stand out by chance; missing where too few municipalities are known
-- disclosure: counts

CREATE TABLE result.municipal_attribute (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    attribute VARCHAR NOT NULL,
    adjusted_for VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    n_municipalities INTEGER NOT NULL,
    estimate DOUBLE,
    se DOUBLE,
    low DOUBLE,
    high DOUBLE,
    p_value DOUBLE,
    PRIMARY KEY (run_id, outcome, attribute, adjusted_for, level)
);

COMMENT ON TABLE result.municipal_attribute IS
'Association of municipal practice effects with attributes of municipalities from a file of the home, alone and beside the framework conditions.';
COMMENT ON COLUMN result.municipal_attribute.run_id IS
'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.municipal_attribute.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.municipal_attribute.attribute IS 'Name of the attribute in the file.';
COMMENT ON COLUMN result.municipal_attribute.adjusted_for IS
'nothing, or conditions: the framework conditions.';
COMMENT ON COLUMN result.municipal_attribute.level IS 'The group; standard_deviation for a number.';
COMMENT ON COLUMN result.municipal_attribute.n_municipalities IS 'Municipalities that take part.';
COMMENT ON COLUMN result.municipal_attribute.estimate IS
'Log odds: the group''s practice less that of all, or per standard deviation of a number.';
COMMENT ON COLUMN result.municipal_attribute.se IS 'Standard error; null for a reference level.';
COMMENT ON COLUMN result.municipal_attribute.low IS 'Lower limit (Knapp-Hartung).';
COMMENT ON COLUMN result.municipal_attribute.high IS 'Upper limit (Knapp-Hartung).';
COMMENT ON COLUMN result.municipal_attribute.p_value IS
'F test of the whole attribute, all groups at once.';
