-- question: What did those who were granted a pension live on in the five years before?
-- database: registers
-- reads: analysis.lookback_of_grants
-- returns: benefit_state, n_persons, share_of_persons, mean_weeks
-- caveat: microdata, to be put through disclosure control before it leaves; a person is counted in
--   every state they were in, so shares add to more than 1

WITH cohort AS (
    SELECT
        lookback.person_id,
        lookback.benefit_state,
        lookback.n_weeks
    FROM analysis.lookback_of_grants('FP', 2006, 2007, years := 5) AS lookback
)

SELECT
    cohort.benefit_state,
    count(*) AS n_persons,
    count(*) / (SELECT count(DISTINCT everyone.person_id) FROM cohort AS everyone)
        AS share_of_persons,
    avg(cohort.n_weeks) AS mean_weeks
FROM cohort
GROUP BY cohort.benefit_state
ORDER BY n_persons DESC, cohort.benefit_state ASC;
