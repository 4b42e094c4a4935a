-- object: core.municipality_successor
-- grain: one row per municipality code of any time and municipality of today that it went into
-- key: register_code, municipality_code
-- units: share
-- source: pipeline/codes/municipality.csv and municipality_history.csv
-- reads: codes.municipality, codes.municipality_history
-- caveat: no date is needed: a code that lived on through a reform is its own successor

CREATE TABLE core.municipality_successor AS
WITH successor AS (
    SELECT
        municipality_history.municipality_code AS register_code,
        municipality_history.successor_code AS municipality_code,
        max(municipality_history.successor_share) AS successor_share
    FROM codes.municipality_history
    GROUP BY municipality_history.municipality_code, municipality_history.successor_code
    UNION
    SELECT
        municipality.municipality_code AS register_code,
        municipality.municipality_code,
        1 AS successor_share
    FROM codes.municipality
)

SELECT
    successor.register_code,
    successor.municipality_code,
    successor.successor_share,
    count(*) OVER (PARTITION BY successor.register_code) > 1 AS is_split,
    row_number() OVER (
        PARTITION BY successor.register_code
        ORDER BY successor.successor_share DESC, successor.municipality_code ASC
    ) = 1 AS is_largest
FROM successor
ORDER BY successor.register_code, successor.municipality_code;

COMMENT ON TABLE core.municipality_successor IS
'Which municipality of today a code of any time stands for.';
COMMENT ON COLUMN core.municipality_successor.register_code IS 'Code as registers have it.';
COMMENT ON COLUMN core.municipality_successor.municipality_code IS 'Municipality of today.';
COMMENT ON COLUMN core.municipality_successor.successor_share IS
'Share of the residents that went into it.';
COMMENT ON COLUMN core.municipality_successor.is_split IS 'The municipality was divided.';
COMMENT ON COLUMN core.municipality_successor.is_largest IS
'The largest part; of equal parts the one with the lowest code.';
