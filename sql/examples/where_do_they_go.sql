-- question: Where are those who were on sickness benefit a year later?
-- database: registers
-- reads: analysis.state_on, core.person_snapshot
-- returns: state_a_year_later, n_persons, share
-- caveat: microdata; a state at two days, not what happened between; who left the country or died is
--   told by DREAM's own codes

WITH sick AS (
    SELECT before.person_id
    FROM analysis.state_on(DATE '2005-12-31') AS before
    SEMI JOIN core.person_snapshot
        ON
            before.person_id = person_snapshot.person_id
            AND person_snapshot.snapshot_year = 2005
            AND person_snapshot.age_years BETWEEN 18 AND 64
    WHERE before.benefit_state = 'sickness_benefit'
)

SELECT
    coalesce(later.benefit_state, 'no benefit') AS state_a_year_later,
    count(*) AS n_persons,
    count(*) / sum(count(*)) OVER () AS share
FROM sick
LEFT JOIN analysis.state_on(DATE '2006-12-31') AS later ON sick.person_id = later.person_id
GROUP BY state_a_year_later
ORDER BY n_persons DESC, state_a_year_later ASC;
