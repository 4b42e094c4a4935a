-- object: core.person_snapshot
-- grain: one row per resident and year-end
-- key: person_id, snapshot_year
-- follows: raw.bef, core.municipality_successor, core.split_residence
-- units: years, children
-- source: Statistics Denmark, BEF
-- reads: raw.bef, core.municipality_successor, core.split_residence
-- caveat: a view; state on 31 December of snapshot_year, in the municipalities of today

CREATE VIEW core.person_snapshot AS
SELECT
    bef.PNR AS person_id,
    bef.FILE_YEAR AS snapshot_year,
    coalesce(
        split_residence.municipality_code, municipality_successor.municipality_code
    ) AS municipality_code,
    bef.KOM AS register_municipality_code,
    CASE bef.KOEN WHEN '1' THEN 'male' WHEN '2' THEN 'female' END AS sex,
    bef.FOED_DAG AS birth_date,
    -- Everyone has had the year's birthday by 31 December.
    bef.FILE_YEAR - CAST(year(bef.FOED_DAG) AS INTEGER) AS age_years,
    bef.CIVST AS marital_status_code,
    bef.CIVST IN ('G', 'P') AS is_married,
    bef.ANTBOERNF AS n_children,
    CASE bef.IE_TYPE
        WHEN '1' THEN 'danish' WHEN '2' THEN 'immigrant' WHEN '3' THEN 'descendant'
    END AS origin,
    bef.OPR_LAND AS country_of_origin_code,
    bef.FAMILIE_ID AS family_id
FROM raw.bef
INNER JOIN core.municipality_successor
    ON bef.KOM = municipality_successor.register_code AND municipality_successor.is_largest
LEFT JOIN core.split_residence
    ON bef.PNR = split_residence.person_id AND bef.KOM = split_residence.register_code;

COMMENT ON VIEW core.person_snapshot IS 'Residents on 31 December of each year.';
COMMENT ON COLUMN core.person_snapshot.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN core.person_snapshot.snapshot_year IS 'Year of the 31 December described.';
COMMENT ON COLUMN core.person_snapshot.municipality_code IS
'Municipality of today of residence.';
COMMENT ON COLUMN core.person_snapshot.register_municipality_code IS 'KOM as delivered.';
COMMENT ON COLUMN core.person_snapshot.sex IS 'male or female.';
COMMENT ON COLUMN core.person_snapshot.birth_date IS 'Date of birth.';
COMMENT ON COLUMN core.person_snapshot.age_years IS 'Full years of age on 31 December.';
COMMENT ON COLUMN core.person_snapshot.marital_status_code IS 'CIVST as delivered.';
COMMENT ON COLUMN core.person_snapshot.is_married IS 'Married or in a registered partnership.';
COMMENT ON COLUMN core.person_snapshot.n_children IS 'Children under 18 living in the family.';
COMMENT ON COLUMN core.person_snapshot.origin IS 'danish, immigrant or descendant.';
COMMENT ON COLUMN core.person_snapshot.country_of_origin_code IS 'Country; 5100 is Denmark.';
COMMENT ON COLUMN core.person_snapshot.family_id IS 'Family, pseudonymised.';
