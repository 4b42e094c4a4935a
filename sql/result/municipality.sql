-- object: result.municipality
-- grain: one row per municipality of the release
-- key: run_id, municipality_code
-- units: persons
-- source: pipeline.codes, pipeline.descriptives.municipality
-- reads: none
-- caveat: neighbours touch on the schematic map, which has no borders; similar ones are near in all framework conditions at once
-- disclosure: public

CREATE TABLE result.municipality (
    run_id VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    municipality_name VARCHAR NOT NULL,
    region_code VARCHAR,
    region_name VARCHAR,
    population_2007 BIGINT,
    is_merged BOOLEAN NOT NULL,
    former_municipalities VARCHAR NOT NULL,
    neighbours VARCHAR NOT NULL,
    similar_municipalities VARCHAR NOT NULL,
    PRIMARY KEY (run_id, municipality_code)
);

COMMENT ON TABLE result.municipality IS
'What each municipality is: region, population, merger of 2007, neighbours, and those under similar conditions.';
COMMENT ON COLUMN result.municipality.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.municipality.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN result.municipality.municipality_name IS 'Name of the municipality.';
COMMENT ON COLUMN result.municipality.region_code IS 'Region, three digits.';
COMMENT ON COLUMN result.municipality.region_name IS 'Name of the region.';
COMMENT ON COLUMN result.municipality.population_2007 IS 'Inhabitants on 1 January 2007.';
COMMENT ON COLUMN result.municipality.is_merged IS
'Whether several municipalities of 2006 went into it.';
COMMENT ON COLUMN result.municipality.former_municipalities IS
'Municipalities of 2006 that went into it in part or whole, by name.';
COMMENT ON COLUMN result.municipality.neighbours IS
'Codes of the municipalities whose tiles touch its own on the schematic map, nearest first.';
COMMENT ON COLUMN result.municipality.similar_municipalities IS
'Codes of the five municipalities with the most similar framework conditions, nearest first.';
