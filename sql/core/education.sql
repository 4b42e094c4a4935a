-- object: core.education
-- grain: one row per person and year
-- key: person_id, snapshot_year
-- units: none
-- source: Statistics Denmark, UDDA
-- reads: raw.udda, codes.education_level
-- caveat: a view; a code in no range is unknown, and so is a person without a row

CREATE VIEW core.education AS
WITH code_level AS (
    SELECT
        delivered.HFAUDD AS education_code,
        min(education_level.education) AS education
    FROM (SELECT DISTINCT udda.HFAUDD FROM raw.udda) AS delivered
    INNER JOIN codes.education_level
        ON delivered.HFAUDD BETWEEN education_level.hfaudd_first AND education_level.hfaudd_last
    GROUP BY delivered.HFAUDD
)

SELECT
    udda.PNR AS person_id,
    udda.FILE_YEAR AS snapshot_year,
    udda.HFAUDD AS education_code,
    coalesce(code_level.education, 'unknown') AS education
FROM raw.udda
LEFT JOIN code_level ON udda.HFAUDD = code_level.education_code;

COMMENT ON VIEW core.education IS 'Highest completed education per person and year.';
COMMENT ON COLUMN core.education.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN core.education.snapshot_year IS 'Year of the snapshot.';
COMMENT ON COLUMN core.education.education_code IS 'HFAUDD, four digits.';
COMMENT ON COLUMN core.education.education IS 'Level of education; a level of the factor.';
