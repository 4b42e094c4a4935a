-- object: codes.municipality_period
-- grain: one row per municipality code and period in which it was valid
-- key: municipality_code, valid_from
-- units: none
-- source: pipeline/codes/municipality.csv and municipality_history.csv
-- reads: codes.municipality, codes.municipality_history
-- caveat: a view; a code that lives on after the reform has a row for each period

CREATE VIEW codes.municipality_period AS
SELECT DISTINCT
    municipality_history.municipality_code,
    municipality_history.valid_from,
    municipality_history.valid_to,
    FALSE AS is_current
FROM codes.municipality_history
UNION ALL
SELECT
    municipality.municipality_code,
    municipality.valid_from,
    coalesce(municipality.valid_to, DATE '9999-12-31') AS valid_to,
    municipality.valid_to IS NULL AS is_current
FROM codes.municipality;

COMMENT ON VIEW codes.municipality_period IS 'When each municipality code was valid.';
COMMENT ON COLUMN codes.municipality_period.municipality_code IS 'Municipality, three digits.';
COMMENT ON COLUMN codes.municipality_period.valid_from IS 'First day the code is valid.';
COMMENT ON COLUMN codes.municipality_period.valid_to IS 'Last day the code is valid.';
COMMENT ON COLUMN codes.municipality_period.is_current IS 'Valid still.';
