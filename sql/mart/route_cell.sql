-- object: mart.route_cell
-- grain: one row per outcome, year, municipality, factor levels and route
-- key: none
-- units: persons, grants
-- source: mart.person_year, mart.risk_change, mart.route_history
-- reads: mart.person_year, mart.risk_change, mart.route_history, codes.outcome
-- caveat: a part of mart.model_cell: those in mart.route_history; counts of few persons; not for
--   publication

CREATE TABLE mart.route_cell AS
WITH routed AS (
    SELECT
        person_year.*,  -- noqa: AM04
        route_history.last_benefit,
        route_history.sickness_duration,
        route_history.ever_rehabilitation,
        route_history.ever_resource_programme
    FROM mart.person_year
    INNER JOIN mart.route_history
        ON
            person_year.person_id = route_history.person_id
            AND person_year.year = route_history.year
)

-- As mart.person_risk, of the few who are asked for.
SELECT
    outcome.outcome,
    routed.year,
    routed.municipality_code,
    COLUMNS(LAMBDA name: list_contains(getvariable('factors'), name)),  -- noqa: RF02
    routed.last_benefit,
    routed.sickness_duration,
    routed.ever_rehabilitation,
    routed.ever_resource_programme,
    count(*) AS n_persons,
    count(*) FILTER (WHERE risk_change.is_event) AS n_events,
    CAST(
        coalesce(sum(routed.record_key) FILTER (WHERE risk_change.is_event), 0) AS BIGINT
    ) AS events_key
FROM routed
CROSS JOIN codes.outcome
LEFT JOIN mart.risk_change
    ON
        routed.person_id = risk_change.person_id
        AND routed.year = risk_change.year
        AND outcome.outcome = risk_change.outcome
WHERE
    coalesce(risk_change.is_at_risk, TRUE)
    AND list_contains(getvariable('outcomes'), outcome.outcome)
GROUP BY ALL
ORDER BY ALL;

COMMENT ON TABLE mart.route_cell IS
'Cells of those at risk who have a route of their own in mart.route_history.';
COMMENT ON COLUMN mart.route_cell.outcome IS 'Outcome; see codes.outcome.';
COMMENT ON COLUMN mart.route_cell.year IS 'Year at risk.';
COMMENT ON COLUMN mart.route_cell.municipality_code IS
'Municipality of residence on 31 December before.';
COMMENT ON COLUMN mart.route_cell.last_benefit IS
'Benefit in the last ISO week of the year before; self_supporting when none or student grant.';
COMMENT ON COLUMN mart.route_cell.sickness_duration IS
'Weeks on sickness benefit in the 78 weeks before the year: none, up_to_52 or over_52.';
COMMENT ON COLUMN mart.route_cell.ever_rehabilitation IS
'yes for rehabilitation in any of the 260 weeks before the year, else no.';
COMMENT ON COLUMN mart.route_cell.ever_resource_programme IS
'yes for a resource programme in any of the 260 weeks before the year, else no.';
COMMENT ON COLUMN mart.route_cell.n_persons IS 'Persons at risk of the outcome.';
COMMENT ON COLUMN mart.route_cell.n_events IS 'Persons whom it came to in the year.';
COMMENT ON COLUMN mart.route_cell.events_key IS 'Sum of the record keys of n_events.';
