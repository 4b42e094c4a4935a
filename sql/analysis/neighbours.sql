-- object: analysis.neighbours
-- database: benchmark
-- grain: one row per outcome and municipality of the list
-- key: none
-- units: grants, ranks
-- source: result
-- reads: now.municipality, analysis.ranking_now
-- caveat: model within; neighbours touch on the schematic map, similar ones are near in framework conditions

-- The linter cannot parse COMMENT ON MACRO.
-- noqa: disable=all
CREATE MACRO analysis.neighbours(name_or_code) AS TABLE
    WITH own AS (
        SELECT municipality_code, neighbours, similar_municipalities
        FROM now.municipality
        WHERE name_or_code IN (municipality_code, municipality_name)
    ),

    listed AS (
        SELECT 1 AS kind_order, 'own' AS kind, municipality_code, 0 AS place
        FROM own
        UNION ALL
        SELECT 2, 'neighbour', unnest(string_split(neighbours, ', ')),
            generate_subscripts(string_split(neighbours, ', '), 1)
        FROM own
        UNION ALL
        SELECT 3, 'similar', unnest(string_split(similar_municipalities, ', ')),
            generate_subscripts(string_split(similar_municipalities, ', '), 1)
        FROM own
    )

    SELECT
        listed.kind,
        ranking.outcome,
        ranking.municipality_code,
        ranking.municipality_name,
        ranking.observed,
        ranking.expected,
        ranking.ratio,
        ranking.ratio_low,
        ranking.ratio_high,
        ranking.rank,
        ranking.rank_low,
        ranking.rank_high
    FROM listed
    INNER JOIN analysis.ranking_now AS ranking
        ON listed.municipality_code = ranking.municipality_code
    ORDER BY ranking.outcome, listed.kind_order, listed.place;

COMMENT ON MACRO TABLE analysis.neighbours IS
'A municipality beside its neighbours and those under similar conditions: FROM analysis.neighbours(''Odense'').';
