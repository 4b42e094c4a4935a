-- object: checks.benefit_code_of_its_time
-- grain: one row per benefit code that occurs in a year in which it did not exist
-- key: benefit_code
-- units: spells
-- source: STAR, pipeline/codes/benefit_code.csv
-- reads: core.benefit_spell, codes.benefit_code
-- caveat: years from memory, to be checked; a week is of the year its Sunday is in
-- severity: warn

-- A few dozen codes, so the list of ranges is gone through once and not for every spell.
WITH code AS (
    SELECT
        delivered.benefit_code,
        benefit_code.first_year,
        benefit_code.last_year
    FROM (SELECT DISTINCT benefit_spell.benefit_code FROM core.benefit_spell) AS delivered
    INNER JOIN codes.benefit_code
        ON delivered.benefit_code BETWEEN benefit_code.code_first AND benefit_code.code_last
)

SELECT
    benefit_spell.benefit_code,
    code.first_year,
    code.last_year,
    count(*) AS n_spells
FROM core.benefit_spell
INNER JOIN code ON benefit_spell.benefit_code = code.benefit_code
WHERE
    year(benefit_spell.first_week_date + to_days(6)) < code.first_year
    OR year(benefit_spell.last_week_date + to_days(6)) > code.last_year
GROUP BY benefit_spell.benefit_code, code.first_year, code.last_year
ORDER BY benefit_spell.benefit_code
