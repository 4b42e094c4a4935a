-- object: core.education
-- grain: one row per person and year
-- key: person_id, snapshot_year
-- follows: raw.udda, raw.bef
-- units: none
-- source: Statistics Denmark, UDDA and UDDF
-- reads: raw.udda, raw.uddf, raw.bef, codes.education_level, codes.education_programme
-- caveat: a view; UDDF only in years without a file of UDDA, as it held on 31 December; HFFSP, whose
--   first digits are the level, before HFAUDD, which only a list can tell; a code in no range is
--   unknown, and so is a person without a row

CREATE VIEW core.education AS
WITH told_by_uddf AS (
    -- Narrowed before the join: ASOF sorts all it is given, also beside an empty table.
    SELECT
        bef.PNR,
        bef.FILE_YEAR
    FROM raw.bef
    SEMI JOIN raw.uddf ON bef.PNR = uddf.PNR
    WHERE bef.FILE_YEAR NOT IN (SELECT DISTINCT udda.FILE_YEAR FROM raw.udda)
),

delivered AS (
    SELECT
        udda.PNR AS person_id,
        udda.FILE_YEAR AS snapshot_year,
        udda.HFAUDD AS education_code,
        udda.HFFSP AS programme_code
    FROM raw.udda
    UNION ALL
    SELECT
        told_by_uddf.PNR AS person_id,
        told_by_uddf.FILE_YEAR AS snapshot_year,
        uddf.HFAUDD AS education_code,
        uddf.HFFSP AS programme_code
    FROM told_by_uddf
    ASOF INNER JOIN raw.uddf
        ON
            told_by_uddf.PNR = uddf.PNR
            AND make_date(told_by_uddf.FILE_YEAR, 12, 31) >= uddf.HF_VFRA
),

code_level AS (
    SELECT
        code.education_code,
        min(education_level.education) AS education
    FROM (
        SELECT udda.HFAUDD AS education_code FROM raw.udda
        UNION
        SELECT uddf.HFAUDD AS education_code FROM raw.uddf
    ) AS code
    INNER JOIN codes.education_level
        ON
            code.education_code
            BETWEEN education_level.hfaudd_first AND education_level.hfaudd_last
    GROUP BY code.education_code
),

programme_level AS (
    SELECT
        code.programme_code,
        min(education_programme.education) AS education
    FROM (
        SELECT udda.HFFSP AS programme_code FROM raw.udda
        UNION
        SELECT uddf.HFFSP AS programme_code FROM raw.uddf
    ) AS code
    INNER JOIN codes.education_programme
        ON
            code.programme_code
            BETWEEN education_programme.hffsp_first AND education_programme.hffsp_last
    GROUP BY code.programme_code
)

SELECT
    delivered.person_id,
    delivered.snapshot_year,
    delivered.education_code,
    delivered.programme_code,
    coalesce(programme_level.education, code_level.education, 'unknown') AS education
FROM delivered
LEFT JOIN programme_level ON delivered.programme_code = programme_level.programme_code
LEFT JOIN code_level ON delivered.education_code = code_level.education_code;

COMMENT ON VIEW core.education IS 'Highest completed education per person and year.';
COMMENT ON COLUMN core.education.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN core.education.snapshot_year IS 'Year of the snapshot.';
COMMENT ON COLUMN core.education.education_code IS 'HFAUDD, four digits.';
COMMENT ON COLUMN core.education.programme_code IS 'HFFSP, eight digits; missing if not delivered.';
COMMENT ON COLUMN core.education.education IS 'Level of education; a level of the factor.';
