-- question: By which pathway do people come to a pension?
-- database: registers
-- reads: analysis.lookback_of_grants
-- returns: pathway, n_persons, share, median_support_weeks
-- caveat: rules of our own for five years of weeks, in the manner of the five pathways described in
--   the literature and not their definition: a flexjob goes first, then more than half
--   of the time on cash benefit, then any of it, then three benefits or more, else work until ill

WITH person AS (
    SELECT
        lookback.person_id,
        coalesce(
            sum(lookback.n_weeks) FILTER (
                WHERE lookback.benefit_state IN ('flexjob', 'flexjob_unemployment')
            ), 0
        ) AS flexjob_weeks,
        coalesce(
            sum(lookback.n_weeks) FILTER (
                WHERE lookback.benefit_state IN ('cash_benefit', 'education_benefit')
            ), 0
        ) AS cash_benefit_weeks,
        count(*) FILTER (WHERE lookback.n_weeks >= 4) AS n_states,
        sum(lookback.n_weeks) AS benefit_weeks
    FROM analysis.lookback_of_grants('FP', 2006, 2007, years := 5) AS lookback
    GROUP BY lookback.person_id
),

placed AS (
    SELECT
        CASE
            WHEN person.flexjob_weeks > 0 THEN 'referred to flexjob'
            WHEN person.cash_benefit_weeks > 130 THEN 'long on cash benefit'
            WHEN person.cash_benefit_weeks > 0 THEN 'short on cash benefit'
            WHEN person.n_states >= 3 THEN 'between work and benefits'
            ELSE 'worked until ill'
        END AS pathway,
        person.benefit_weeks
    FROM person
)

SELECT
    placed.pathway,
    count(*) AS n_persons,
    count(*) / sum(count(*)) OVER () AS share,
    median(placed.benefit_weeks) AS median_support_weeks
FROM placed
GROUP BY placed.pathway
ORDER BY n_persons DESC, placed.pathway ASC;
