-- object: checks.benefit_code_known
-- grain: one row per code of DREAM that no list has
-- key: benefit_code
-- units: weeks
-- source: STAR, pipeline/codes/benefit_code.csv
-- reads: core.benefit_spell
-- caveat: such weeks are unknown; code lists can be corrected in the folder codes_folder
-- severity: warn

SELECT
    benefit_spell.benefit_code,
    sum(benefit_spell.n_weeks) AS n_weeks
FROM core.benefit_spell
WHERE benefit_spell.benefit_state = 'unknown'
GROUP BY benefit_spell.benefit_code
ORDER BY n_weeks DESC, benefit_spell.benefit_code ASC
