-- object: mart.factor_share
-- grain: one row per year at risk, factor of the benchmark and level that somebody has
-- key: year, factor, level
-- units: persons, share of 0-1
-- source: mart.person_year
-- reads: mart.person_year
-- caveat: of everybody at risk, whatever the outcome; counts are not for publication

CREATE TABLE mart.factor_share AS
WITH counted AS (
    SELECT
        unpivoted.year,
        unpivoted.factor,
        unpivoted.level,
        count(*) AS n_persons
    FROM (
        UNPIVOT (
            SELECT
                person_year.year,
                coalesce(
                    COLUMNS(LAMBDA name: list_contains(getvariable('factors'), name)), '(null)'
                ) AS "\0"  -- noqa: RF05
            FROM mart.person_year
        ) ON COLUMNS(* EXCLUDE (year)) INTO NAME factor VALUE level
    ) AS unpivoted
    GROUP BY unpivoted.year, unpivoted.factor, unpivoted.level
)

SELECT
    counted.year,
    counted.factor,
    counted.level,
    counted.n_persons,
    counted.n_persons
    / sum(counted.n_persons) OVER (PARTITION BY counted.year, counted.factor) AS share
FROM counted
ORDER BY counted.year, counted.factor, counted.level;

COMMENT ON TABLE mart.factor_share IS 'How many persons at risk have each level of each factor.';
COMMENT ON COLUMN mart.factor_share.year IS 'Year at risk.';
COMMENT ON COLUMN mart.factor_share.factor IS 'Model factor; a column of mart.person_year.';
COMMENT ON COLUMN mart.factor_share.level IS 'Level of the factor.';
COMMENT ON COLUMN mart.factor_share.n_persons IS 'Persons at risk in the year with the level.';
COMMENT ON COLUMN mart.factor_share.share IS 'Share of the persons at risk in the year, 0-1.';
