-- object: core.merged_part
-- grain: one row per municipality of before 2007 and municipality of today that it, with others, went into
-- key: former_municipality_code, municipality_code
-- units: none
-- source: pipeline/codes/municipality_history.csv
-- reads: codes.municipality_history
-- caveat: as on the eve of the reform; of a divided municipality each part is one

CREATE TABLE core.merged_part AS
WITH eve AS (
    SELECT max(municipality_history.valid_to) AS last_day FROM codes.municipality_history
)

SELECT
    municipality_history.municipality_code AS former_municipality_code,
    municipality_history.successor_code AS municipality_code
FROM codes.municipality_history
INNER JOIN eve ON municipality_history.valid_to = eve.last_day
QUALIFY count(*) OVER (PARTITION BY municipality_history.successor_code) > 1
ORDER BY municipality_history.successor_code, municipality_history.municipality_code;

COMMENT ON TABLE core.merged_part IS 'Municipalities of before 2007 that were merged with others.';
COMMENT ON COLUMN core.merged_part.former_municipality_code IS 'Code until 31 December 2006.';
COMMENT ON COLUMN core.merged_part.municipality_code IS 'Municipality of today.';
