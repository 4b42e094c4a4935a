-- object: mart.former_resident
-- grain: one row per resident of a merged municipality and year
-- key: person_id, year
-- follows: core.person_snapshot, core.merged_part
-- units: none
-- source: Statistics Denmark, BEF
-- reads: core.person_snapshot, core.merged_part, codes.municipality
-- caveat: ages age_first to age_last, years from five before the reform to three after its year; from the
--   year after it on those who still live where they lived on its eve: who moved in later is of no
--   former municipality; rows in no order

CREATE TABLE mart.former_resident AS
WITH divided AS (
    SELECT CAST(year(min(municipality.valid_from)) AS INTEGER) AS first_year
    FROM codes.municipality
),

resident AS (
    SELECT
        person_snapshot.person_id,
        person_snapshot.snapshot_year + 1 AS year,
        person_snapshot.municipality_code,
        person_snapshot.register_municipality_code AS former_municipality_code
    FROM core.person_snapshot
    INNER JOIN divided
        ON
            person_snapshot.snapshot_year
            BETWEEN divided.first_year - 6 AND divided.first_year - 1
    WHERE person_snapshot.age_years BETWEEN getvariable('age_first') AND getvariable('age_last')
    UNION ALL
    SELECT
        person_snapshot.person_id,
        person_snapshot.snapshot_year + 1 AS year,
        person_snapshot.municipality_code,
        eve.register_municipality_code AS former_municipality_code
    FROM core.person_snapshot
    INNER JOIN divided
        ON
            person_snapshot.snapshot_year
            BETWEEN divided.first_year AND divided.first_year + 2
    INNER JOIN core.person_snapshot AS eve
        ON
            person_snapshot.person_id = eve.person_id
            AND person_snapshot.municipality_code = eve.municipality_code
            AND eve.snapshot_year = divided.first_year - 1
    WHERE person_snapshot.age_years BETWEEN getvariable('age_first') AND getvariable('age_last')
)

SELECT
    resident.person_id,
    resident.year,
    resident.municipality_code,
    resident.former_municipality_code
FROM resident
INNER JOIN core.merged_part
    ON
        resident.former_municipality_code = merged_part.former_municipality_code
        AND resident.municipality_code = merged_part.municipality_code;

COMMENT ON TABLE mart.former_resident IS
'Residents of merged municipalities by the municipality of before 2007 that they lived in.';
COMMENT ON COLUMN mart.former_resident.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN mart.former_resident.year IS 'Year; residence is of 31 December before.';
COMMENT ON COLUMN mart.former_resident.municipality_code IS 'Municipality of today.';
COMMENT ON COLUMN mart.former_resident.former_municipality_code IS
'Municipality of residence on 31 December before, at the latest that of the eve of the reform.';
