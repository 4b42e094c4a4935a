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
WITH resident AS (
    SELECT
        bef.PNR,
        -- One row per person and file: repeats are in quarantine.
        count(*) AS n_years
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

delivered AS (
    SELECT
        'udda' AS register,
        udda.FILE_YEAR AS year,
        udda.PNR
    FROM raw.udda
    UNION ALL
    SELECT
        'uddf' AS register,
        year(uddf.HF_VFRA) AS year,
        uddf.PNR
    FROM raw.uddf
    UNION ALL
    SELECT
        'ind' AS register,
        ind.FILE_YEAR AS year,
        ind.PNR
    FROM raw.ind
    UNION ALL
    SELECT
        'akm' AS register,
        akm.FILE_YEAR AS year,
        akm.PNR
    FROM raw.akm
    UNION ALL
    SELECT
        'dream' AS register,
        CAST(dream_run.last_week[3:4] AS INTEGER)
        + CASE WHEN dream_run.last_week[3:4] >= '90' THEN 1900 ELSE 2000 END AS year,
        dream_run.PNR
    FROM raw.dream_run
    UNION ALL
    SELECT
        'ankestyrelsen' AS register,
        year(ankestyrelsen.AFGDATO) AS year,
        ankestyrelsen.PNR
    FROM raw.ankestyrelsen
    UNION ALL
    SELECT
        'lpr_adm' AS register,
        year(lpr_adm.D_INDDTO) AS year,
        lpr_adm.PNR
    FROM raw.lpr_adm
    UNION ALL
    SELECT
        'psyk_adm' AS register,
        year(psyk_adm.D_INDDTO) AS year,
        psyk_adm.PNR
    FROM raw.psyk_adm
    UNION ALL
    SELECT
        'lpr3_kontakter' AS register,
        year(lpr3_kontakter.DATO_START) AS year,
        lpr3_kontakter.PNR
    FROM raw.lpr3_kontakter
    UNION ALL
    SELECT
        'lmdb' AS register,
        year(lmdb.EKSD) AS year,
        lmdb.PNR
    FROM raw.lmdb
    UNION ALL
    SELECT
        'sssy' AS register,
        CAST(sssy.HONUGE[1:2] AS INTEGER)
        + CASE WHEN sssy.HONUGE[1:2] >= '90' THEN 1900 ELSE 2000 END AS year,
        sssy.PNR
    FROM raw.sssy
    UNION ALL
    SELECT
        'sysi' AS register,
        CAST(sysi.HONUGE[1:2] AS INTEGER)
        + CASE WHEN sysi.HONUGE[1:2] >= '90' THEN 1900 ELSE 2000 END AS year,
        sysi.PNR
    FROM raw.sysi
),

counted AS (
    SELECT
        delivered.register,
        delivered.year,
        count(*) AS n_rows,
        count(resident.PNR) AS n_matched
    FROM delivered
    LEFT JOIN resident ON delivered.PNR = resident.PNR
    WHERE
        delivered.year
        BETWEEN (SELECT covered.first_year FROM covered) AND (SELECT covered.last_year FROM covered)
    GROUP BY delivered.register, delivered.year
    UNION ALL
    SELECT
        'bef' AS register,
        bef.FILE_YEAR AS year,
        count(*) AS n_rows,
        count(*) FILTER (WHERE resident.n_years > 1) AS n_matched
    FROM raw.bef
    INNER JOIN resident ON bef.PNR = resident.PNR
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
