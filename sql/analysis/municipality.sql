-- object: analysis.municipality
-- database: benchmark
-- grain: one row per outcome
-- key: none
-- units: grants, ranks
-- source: result
-- reads: analysis.ranking_now
-- caveat: model within; a part of the name finds all that contain it

-- The linter cannot parse COMMENT ON MACRO.
-- noqa: disable=all
CREATE MACRO analysis.municipality(name_or_code) AS TABLE
    SELECT ranking.*
    FROM analysis.ranking_now AS ranking
    WHERE
        ranking.municipality_code = name_or_code
        OR contains(lower(ranking.municipality_name), lower(name_or_code))
    ORDER BY ranking.municipality_code, ranking.outcome;

COMMENT ON MACRO TABLE analysis.municipality IS
'A municipality''s places by name or code: FROM analysis.municipality(''Aarhus'').';
