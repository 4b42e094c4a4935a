-- object: mart.benefit_history
-- grain: one row per person in DREAM with any benefit and year at risk
-- key: person_id, year
-- follows: grouping
-- units: weeks
-- source: STAR, DREAM
-- reads: core.benefit_spell, core.week
-- caveat: ISO years; only weeks that the data cover are counted

CREATE TABLE mart.benefit_history AS
WITH year_at_risk AS (
    SELECT unnest(getvariable('years_at_risk')) AS year
),

-- Positions of the weeks before each year at risk: look-back, last year, last week.
period AS (
    SELECT
        year_at_risk.year,
        min(week.week_position) FILTER (
            WHERE week.iso_year >= year_at_risk.year - getvariable('tenure_lookback_years')
        ) AS first_lookback_week,
        min(week.week_position) FILTER (
            WHERE week.iso_year = year_at_risk.year - 1
        ) AS first_week_before,
        max(week.week_position) AS last_week_before
    FROM year_at_risk
    INNER JOIN core.week ON year_at_risk.year > week.iso_year
    GROUP BY year_at_risk.year
),

spell AS (
    SELECT
        benefit_spell.person_id,
        period.year,
        benefit_spell.benefit_state,
        benefit_spell.last_week_position >= period.last_week_before AS is_in_last_week,
        -- Weeks of the spell within the look-back and within the year before.
        greatest(
            least(benefit_spell.last_week_position, period.last_week_before)
            - greatest(benefit_spell.first_week_position, period.first_lookback_week) + 1, 0
        ) AS lookback_weeks,
        greatest(
            least(benefit_spell.last_week_position, period.last_week_before)
            - greatest(benefit_spell.first_week_position, period.first_week_before) + 1, 0
        ) AS year_before_weeks
    FROM core.benefit_spell
    INNER JOIN period ON benefit_spell.first_week_position <= period.last_week_before
)

SELECT
    spell.person_id,
    spell.year,
    max(spell.benefit_state) FILTER (WHERE spell.is_in_last_week) AS last_week_state,
    CAST(
        coalesce(
            sum(spell.lookback_weeks) FILTER (
                WHERE spell.benefit_state IN ('cash_benefit', 'education_benefit')
            ), 0
        ) AS INTEGER
    ) AS cash_benefit_weeks,
    CAST(
        coalesce(
            sum(spell.year_before_weeks) FILTER (WHERE spell.benefit_state = 'sickness_benefit'), 0
        ) AS INTEGER
    ) AS sickness_benefit_weeks,
    bool_or(spell.benefit_state = 'disability_pension') AS has_disability_pension,
    bool_or(spell.benefit_state IN ('flexjob', 'flexjob_unemployment')) AS has_flexjob
FROM spell
GROUP BY spell.person_id, spell.year;

COMMENT ON TABLE mart.benefit_history IS 'Benefits before each year at risk.';
COMMENT ON COLUMN mart.benefit_history.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN mart.benefit_history.year IS 'Year at risk.';
COMMENT ON COLUMN mart.benefit_history.last_week_state IS
'Benefit state in the last ISO week of the year before; null when none.';
COMMENT ON COLUMN mart.benefit_history.cash_benefit_weeks IS
'Weeks on cash or education benefit in the look-back.';
COMMENT ON COLUMN mart.benefit_history.sickness_benefit_weeks IS
'Weeks on sickness benefit in the year before.';
COMMENT ON COLUMN mart.benefit_history.has_disability_pension IS
'On disability pension in any earlier week.';
COMMENT ON COLUMN mart.benefit_history.has_flexjob IS
'In flexjob or on flexjob unemployment benefit in any earlier week.';
