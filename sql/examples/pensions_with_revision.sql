-- question: How many disability pensions were granted with revision, year by year?
-- database: registers
-- reads: core.decision
-- returns: year, n_granted, n_with_revision, revision_share
-- caveat: granted with revision from April 2023 only; microdata: a count below 5 may not leave the house

SELECT
    year(decision.decision_date) AS year,
    count(*) AS n_granted,
    count(*) FILTER (WHERE decision.has_revision) AS n_with_revision,
    round(avg(CAST(decision.has_revision AS INTEGER)), 4) AS revision_share
FROM core.decision
WHERE decision.case_type = 'FP' AND decision.decision = 'grant'
GROUP BY ALL
ORDER BY year;
