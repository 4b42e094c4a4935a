-- object: factor.moves_band
-- place: 25
-- title: Flytninger mellem kommuner / Moves between municipalities
-- levels: none = Ingen flytning / No move; up_to_1 = Én flytning / One move; over_1 = Flere
--   flytninger / Several moves
-- reference: none
-- bands: above 0 1, flytninger / moves
-- lookback: five year-ends before
-- health: no
-- source: Statistics Denmark, BEF
-- reads: core.person_snapshot, mart.year_at_risk
-- caveat: between year-ends, so a move there and back within a year is none; a year-end that is not
--   delivered hides a move

WITH moved AS (
    SELECT
        later.person_id,
        later.snapshot_year
    FROM core.person_snapshot AS later
    INNER JOIN core.person_snapshot AS before
        ON
            later.person_id = before.person_id
            AND later.snapshot_year = before.snapshot_year + 1
            AND later.municipality_code != before.municipality_code
),

person AS (
    SELECT
        moved.person_id,
        year_at_risk.year,
        count(*) AS n_moves
    FROM moved
    INNER JOIN mart.year_at_risk
        ON moved.snapshot_year BETWEEN year_at_risk.year - 5 AND year_at_risk.year - 1
    GROUP BY moved.person_id, year_at_risk.year
)

SELECT
    person.person_id,
    person.year,
    list_extract(
        getvariable('moves_band_levels'),
        1 + len(list_filter(getvariable('moves_band_edges'), LAMBDA edge: person.n_moves > edge))
    ) AS level
FROM person
