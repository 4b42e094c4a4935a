-- object: mart.grant_half
-- grain: one row per outcome, year, municipality, half of the persons and route, with grants
-- key: outcome, year, municipality_code, half, last_benefit, sickness_duration
-- units: grants
-- source: mart.person_risk, mart.route_history
-- reads: mart.person_risk, mart.route_history
-- caveat: the half is the parity of a digit of the person's record key; counts of few persons; not
--   for publication

CREATE TABLE mart.grant_half AS
SELECT
    person_risk.outcome,
    person_risk.year,
    person_risk.municipality_code,
    record_half(person_risk.record_key) AS half,
    coalesce(route_history.last_benefit, 'self_supporting') AS last_benefit,
    coalesce(route_history.sickness_duration, 'none') AS sickness_duration,
    count(*) AS n_events,
    CAST(sum(person_risk.record_key) AS BIGINT) AS events_key
FROM mart.person_risk
LEFT JOIN mart.route_history
    ON
        person_risk.person_id = route_history.person_id
        AND person_risk.year = route_history.year
WHERE
    person_risk.is_event
    AND list_contains(getvariable('outcomes'), person_risk.outcome)
GROUP BY ALL
ORDER BY ALL;

COMMENT ON TABLE mart.grant_half IS 'Events of each municipality by two halves of the persons.';
COMMENT ON COLUMN mart.grant_half.outcome IS 'Outcome; see codes.outcome.';
COMMENT ON COLUMN mart.grant_half.year IS 'Year at risk.';
COMMENT ON COLUMN mart.grant_half.municipality_code IS
'Municipality of residence on 31 December before.';
COMMENT ON COLUMN mart.grant_half.half IS '0 or 1, by the record key of the person.';
COMMENT ON COLUMN mart.grant_half.last_benefit IS
'Benefit in the last ISO week of the year before; self_supporting when none or student grant.';
COMMENT ON COLUMN mart.grant_half.sickness_duration IS
'Weeks on sickness benefit in the 78 weeks before the year: none, up_to_52 or over_52.';
COMMENT ON COLUMN mart.grant_half.n_events IS 'Persons whom the outcome came to in the year.';
COMMENT ON COLUMN mart.grant_half.events_key IS 'Sum of the record keys of n_events.';
