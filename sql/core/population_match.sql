-- object: core.population_match
-- grain: one row per register and year that the population register covers
-- key: register, year
-- units: rows, share of 0-1
-- source: BEF and every register of persons
-- reads: raw.bef, raw.udda, raw.uddf, raw.ind, raw.akm, raw.dream_run, raw.ankestyrelsen,
--   raw.lpr_adm, raw.psyk_adm, raw.lpr3_kontakter, raw.lmdb, raw.sssy, raw.sysi
-- caveat: years from the first to the one after the last file of BEF; a person counts as matched
--   when any year of BEF has them, a row of BEF when another year has them

CREATE TABLE core.population_match AS
WITH resident AS MATERIALIZED (
    SELECT
        bef.PNR,
        -- One row per person and file: repeats are in quarantine.
        count(*) AS n_years,
        min(bef.FILE_YEAR) AS first_year
    FROM raw.bef
    GROUP BY bef.PNR
),

covered AS (
    SELECT
        min(bef.FILE_YEAR) AS first_year,
        max(bef.FILE_YEAR) + 1 AS last_year,
        count(DISTINCT bef.FILE_YEAR) AS n_files
    FROM raw.bef
),

-- Register by register, and by weeks as they are stored: put together, or taken apart into years,
-- ahead of the join they take twice as long.
of_week AS (
    SELECT
        'dream' AS register,
        dream_run.last_week[3:6] AS week,
        count(*) AS n_rows,
        count(resident.PNR) AS n_matched
    FROM raw.dream_run
    LEFT JOIN resident ON dream_run.PNR = resident.PNR
    GROUP BY dream_run.last_week
    UNION ALL
    SELECT
        'sssy' AS register,
        sssy.HONUGE AS week,
        count(*) AS n_rows,
        count(resident.PNR) AS n_matched
    FROM raw.sssy
    LEFT JOIN resident ON sssy.PNR = resident.PNR
    GROUP BY sssy.HONUGE
    UNION ALL
    SELECT
        'sysi' AS register,
        sysi.HONUGE AS week,
        count(*) AS n_rows,
        count(resident.PNR) AS n_matched
    FROM raw.sysi
    LEFT JOIN resident ON sysi.PNR = resident.PNR
    GROUP BY sysi.HONUGE
),

of_year AS (
    SELECT
        'udda' AS register,
        udda.FILE_YEAR AS year,
        count(*) AS n_rows,
        count(resident.PNR) AS n_matched
    FROM raw.udda
    LEFT JOIN resident ON udda.PNR = resident.PNR
    GROUP BY udda.FILE_YEAR
    UNION ALL
    SELECT
        'uddf' AS register,
        year(uddf.HF_VFRA) AS year,
        count(*) AS n_rows,
        count(resident.PNR) AS n_matched
    FROM raw.uddf
    LEFT JOIN resident ON uddf.PNR = resident.PNR
    GROUP BY year(uddf.HF_VFRA)
    UNION ALL
    SELECT
        'ind' AS register,
        ind.FILE_YEAR AS year,
        count(*) AS n_rows,
        count(resident.PNR) AS n_matched
    FROM raw.ind
    LEFT JOIN resident ON ind.PNR = resident.PNR
    GROUP BY ind.FILE_YEAR
    UNION ALL
    SELECT
        'akm' AS register,
        akm.FILE_YEAR AS year,
        count(*) AS n_rows,
        count(resident.PNR) AS n_matched
    FROM raw.akm
    LEFT JOIN resident ON akm.PNR = resident.PNR
    GROUP BY akm.FILE_YEAR
    UNION ALL
    SELECT
        'ankestyrelsen' AS register,
        year(ankestyrelsen.AFGDATO) AS year,
        count(*) AS n_rows,
        count(resident.PNR) AS n_matched
    FROM raw.ankestyrelsen
    LEFT JOIN resident ON ankestyrelsen.PNR = resident.PNR
    GROUP BY year(ankestyrelsen.AFGDATO)
    UNION ALL
    SELECT
        'lpr_adm' AS register,
        year(lpr_adm.D_INDDTO) AS year,
        count(*) AS n_rows,
        count(resident.PNR) AS n_matched
    FROM raw.lpr_adm
    LEFT JOIN resident ON lpr_adm.PNR = resident.PNR
    GROUP BY year(lpr_adm.D_INDDTO)
    UNION ALL
    SELECT
        'psyk_adm' AS register,
        year(psyk_adm.D_INDDTO) AS year,
        count(*) AS n_rows,
        count(resident.PNR) AS n_matched
    FROM raw.psyk_adm
    LEFT JOIN resident ON psyk_adm.PNR = resident.PNR
    GROUP BY year(psyk_adm.D_INDDTO)
    UNION ALL
    SELECT
        'lpr3_kontakter' AS register,
        year(lpr3_kontakter.DATO_START) AS year,
        count(*) AS n_rows,
        count(resident.PNR) AS n_matched
    FROM raw.lpr3_kontakter
    LEFT JOIN resident ON lpr3_kontakter.PNR = resident.PNR
    GROUP BY year(lpr3_kontakter.DATO_START)
    UNION ALL
    SELECT
        'lmdb' AS register,
        year(lmdb.EKSD) AS year,
        count(*) AS n_rows,
        count(resident.PNR) AS n_matched
    FROM raw.lmdb
    LEFT JOIN resident ON lmdb.PNR = resident.PNR
    GROUP BY year(lmdb.EKSD)
    UNION ALL
    SELECT
        of_week.register,
        CAST(of_week.week[1:2] AS INTEGER)
        + CASE WHEN of_week.week[1:2] >= '90' THEN 1900 ELSE 2000 END AS year,
        CAST(sum(of_week.n_rows) AS BIGINT) AS n_rows,
        CAST(sum(of_week.n_matched) AS BIGINT) AS n_matched
    FROM of_week
    GROUP BY ALL
),

in_one_year AS (
    SELECT
        resident.first_year AS year,
        count(*) AS n_persons
    FROM resident
    WHERE resident.n_years = 1
    GROUP BY resident.first_year
),

counted AS (
    SELECT
        of_year.register,
        of_year.year,
        of_year.n_rows,
        of_year.n_matched
    FROM of_year
    WHERE
        of_year.year
        BETWEEN (SELECT covered.first_year FROM covered) AND (SELECT covered.last_year FROM covered)
    UNION ALL
    -- Who is in one year alone is counted among the persons: so the rows need no join.
    SELECT
        'bef' AS register,
        bef.FILE_YEAR AS year,
        count(*) AS n_rows,
        count(*) - coalesce(any_value(in_one_year.n_persons), 0) AS n_matched
    FROM raw.bef
    LEFT JOIN in_one_year ON bef.FILE_YEAR = in_one_year.year
    WHERE (SELECT covered.n_files FROM covered) > 1
    GROUP BY bef.FILE_YEAR
)

SELECT
    counted.register,
    counted.year,
    counted.n_rows,
    counted.n_matched,
    counted.n_matched / counted.n_rows AS match_share
FROM counted
ORDER BY counted.register, counted.year;

COMMENT ON TABLE core.population_match IS
'How many rows of each register and year are about somebody whom the population register has.';
COMMENT ON COLUMN core.population_match.register IS 'Name of the register.';
COMMENT ON COLUMN core.population_match.year IS 'Year of the rows; of DREAM the last of a run.';
COMMENT ON COLUMN core.population_match.n_rows IS 'Rows of the year; of DREAM runs of one code.';
COMMENT ON COLUMN core.population_match.n_matched IS 'Rows whose person is in the population.';
COMMENT ON COLUMN core.population_match.match_share IS 'Share of the rows, 0-1.';
