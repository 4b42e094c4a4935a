-- object: checks.one_decision_per_date
-- grain: one row per person, case type and date with different decisions
-- key: PNR, SAGSART, AFGDATO
-- units: none
-- source: Ankestyrelsen
-- reads: raw.ankestyrelsen
-- caveat: a grant stands before a refusal, a refusal before others
-- severity: warn

SELECT
    ankestyrelsen.PNR,
    ankestyrelsen.SAGSART,
    ankestyrelsen.AFGDATO,
    count(*) AS n_decisions
FROM raw.ankestyrelsen
GROUP BY ankestyrelsen.PNR, ankestyrelsen.SAGSART, ankestyrelsen.AFGDATO
HAVING count(*) > 1
ORDER BY ankestyrelsen.PNR, ankestyrelsen.SAGSART, ankestyrelsen.AFGDATO
