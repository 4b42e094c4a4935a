-- object: checks.outcome_told_by_dream
-- grain: one row per outcome by decision that DREAM tells instead
-- key: outcome
-- units: none
-- source: pipeline/codes/outcome.csv
-- reads: mart.person_outcome, codes.outcome
-- caveat: the first week on the benefit stands in; no diagnosis and no municipality of decision
-- severity: warn

SELECT DISTINCT outcome.outcome
FROM codes.outcome
INNER JOIN mart.person_outcome ON outcome.outcome = person_outcome.outcome
WHERE
    outcome.rule = 'decision'
    AND person_outcome.is_from_dream
    AND list_contains(getvariable('outcomes'), outcome.outcome)
ORDER BY outcome.outcome
