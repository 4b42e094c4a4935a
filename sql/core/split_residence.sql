-- object: core.split_residence
-- grain: one row per person and municipality, later divided, in which the person ever lived
-- key: person_id, register_code
-- units: none
-- source: Statistics Denmark, BEF
-- reads: raw.bef, core.municipality_successor, codes.municipality
-- caveat: part by the first later residence when it is one of the parts, else the largest part;
--   who moved from one part to another in between is counted in the other

CREATE TABLE core.split_residence AS
WITH resident AS (
    SELECT DISTINCT
        bef.PNR AS person_id,
        bef.KOM AS register_code
    FROM raw.bef
    SEMI JOIN core.municipality_successor
        ON
            bef.KOM = municipality_successor.register_code
            AND municipality_successor.is_split
),

divided AS (
    SELECT year(min(municipality.valid_from)) AS first_year
    FROM codes.municipality
),

later AS (
    SELECT
        bef.PNR AS person_id,
        arg_min(bef.KOM, bef.FILE_YEAR) AS municipality_code
    FROM raw.bef
    CROSS JOIN divided
    WHERE bef.FILE_YEAR >= divided.first_year
    GROUP BY bef.PNR
)

SELECT
    resident.person_id,
    resident.register_code,
    arg_max(
        municipality_successor.municipality_code,
        CASE
            WHEN later.municipality_code = municipality_successor.municipality_code THEN 2
            WHEN municipality_successor.is_largest THEN 1
            ELSE 0
        END
    ) AS municipality_code,
    coalesce(
        bool_or(later.municipality_code = municipality_successor.municipality_code), FALSE
    ) AS is_known
FROM resident
INNER JOIN core.municipality_successor
    ON resident.register_code = municipality_successor.register_code
LEFT JOIN later ON resident.person_id = later.person_id
GROUP BY resident.person_id, resident.register_code;

COMMENT ON TABLE core.split_residence IS
'In which part of a divided municipality its former residents are counted.';
COMMENT ON COLUMN core.split_residence.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN core.split_residence.register_code IS 'Code of the divided municipality.';
COMMENT ON COLUMN core.split_residence.municipality_code IS 'Municipality of today.';
COMMENT ON COLUMN core.split_residence.is_known IS
'Known from a later residence; false where the largest part was taken.';
