-- object: factor.parents_pension
-- place: 40
-- title: Forældre på førtidspension / Parents on disability pension
-- levels: no = Ingen forælder / Neither parent; yes = Mindst én forælder / At least one parent
-- reference: no
-- lookback: all weeks that DREAM covers
-- health: no
-- source: Statistics Denmark, BEF; STAR, DREAM
-- reads: core.parent, core.benefit_spell, core.week, mart.year_at_risk
-- caveat: any week on disability pension until the year before; who has no parent in the register
--   has none on a pension

WITH period AS (
    SELECT
        year_at_risk.year,
        max(week.week_position) AS last_week
    FROM mart.year_at_risk
    INNER JOIN core.week ON year_at_risk.year > week.iso_year
    GROUP BY year_at_risk.year
),

pension AS (
    SELECT
        benefit_spell.person_id,
        min(benefit_spell.first_week_position) AS first_week
    FROM core.benefit_spell
    WHERE benefit_spell.benefit_state = 'disability_pension'
    GROUP BY benefit_spell.person_id
)

SELECT
    parent.person_id,
    period.year,
    'yes' AS level
FROM core.parent
INNER JOIN period ON parent.snapshot_year = period.year - 1
INNER JOIN pension
    ON parent.parent_id = pension.person_id AND period.last_week >= pension.first_week
GROUP BY parent.person_id, period.year
