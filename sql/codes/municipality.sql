-- object: codes.municipality
-- grain: one row per municipality
-- key: municipality_code
-- units: persons
-- source: pipeline/codes/municipality.csv
-- reads: none
-- caveat: names and codes of 1 January 2007

CREATE TABLE codes.municipality (
    municipality_code VARCHAR NOT NULL,
    municipality_name VARCHAR NOT NULL,
    region_code VARCHAR NOT NULL,
    region_name VARCHAR NOT NULL,
    population_2007 INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE
);

COMMENT ON TABLE codes.municipality IS 'Municipalities.';
COMMENT ON COLUMN codes.municipality.municipality_code IS 'Municipality, three digits.';
COMMENT ON COLUMN codes.municipality.municipality_name IS 'Name in Danish.';
COMMENT ON COLUMN codes.municipality.region_code IS 'Region, three digits.';
COMMENT ON COLUMN codes.municipality.region_name IS 'Name of the region.';
COMMENT ON COLUMN codes.municipality.population_2007 IS 'Inhabitants on 1 January 2007.';
COMMENT ON COLUMN codes.municipality.valid_from IS 'First day the code is valid.';
COMMENT ON COLUMN codes.municipality.valid_to IS 'Last day the code is valid; null while it is.';
