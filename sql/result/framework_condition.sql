-- object: result.framework_condition
-- grain: one row per municipality and framework condition
-- key: run_id, municipality_code, condition
-- units: the condition's own, standard deviations
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: measured before the years at risk; a condition may itself be a choice
-- disclosure: public

CREATE TABLE result.framework_condition (
    run_id VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    condition VARCHAR NOT NULL,
    value DOUBLE NOT NULL,
    country_value DOUBLE NOT NULL,
    standardised DOUBLE NOT NULL,
    PRIMARY KEY (run_id, municipality_code, condition)
);

COMMENT ON TABLE result.framework_condition IS
'What each municipality works under, beside the country.';
COMMENT ON COLUMN result.framework_condition.run_id IS
'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.framework_condition.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN result.framework_condition.condition IS
'Framework condition, of pipeline/codes/framework_condition.csv.';
COMMENT ON COLUMN result.framework_condition.value IS
'Mean over the years before the years at risk, in the condition''s unit.';
COMMENT ON COLUMN result.framework_condition.country_value IS
'Mean over all persons at risk in the country, in the condition''s unit.';
COMMENT ON COLUMN result.framework_condition.standardised IS
'Standard deviations over municipalities from their mean, as the second stage uses it.';
