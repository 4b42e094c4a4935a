-- object: core.parent
-- grain: one row per person, year-end and parent in the register
-- key: person_id, snapshot_year, parent_id
-- follows: raw.bef
-- units: years
-- source: Statistics Denmark, BEF
-- reads: raw.bef
-- caveat: a view; a parent who never was in the register, or is not noted, has no row;
--   who is noted as mother and father is one parent (checks.parents_differ)

CREATE VIEW core.parent AS
SELECT
    bef.PNR AS person_id,
    bef.FILE_YEAR AS snapshot_year,
    bef.MOR_ID AS parent_id
FROM raw.bef
WHERE bef.MOR_ID IS NOT NULL
UNION ALL
SELECT
    bef.PNR AS person_id,
    bef.FILE_YEAR AS snapshot_year,
    bef.FAR_ID AS parent_id
FROM raw.bef
WHERE bef.FAR_ID IS NOT NULL AND bef.FAR_ID IS DISTINCT FROM bef.MOR_ID;

COMMENT ON VIEW core.parent IS 'The parents of residents, as noted on 31 December of each year.';
COMMENT ON COLUMN core.parent.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN core.parent.snapshot_year IS 'Year of the 31 December described.';
COMMENT ON COLUMN core.parent.parent_id IS 'Mother or father, pseudonymised.';
