-- object: mart.benefit_before
-- grain: one row per person, benefit state and year at risk with any week of the five years before
-- key: person_id, year, benefit_state
-- follows: grouping
-- units: weeks
-- source: STAR, DREAM
-- reads: core.benefit_spell, core.week, mart.year_at_risk
-- caveat: a view; ISO years, and only weeks that the data cover

CREATE VIEW mart.benefit_before AS
WITH period AS (
    SELECT
        year_at_risk.year,
        min(week.week_position) AS first_week,
        min(week.week_position) FILTER (
            WHERE week.iso_year = year_at_risk.year - 1
        ) AS first_week_before,
        max(week.week_position) AS last_week
    FROM mart.year_at_risk
    INNER JOIN core.week ON week.iso_year BETWEEN year_at_risk.year - 5 AND year_at_risk.year - 1
    GROUP BY year_at_risk.year
)

SELECT
    benefit_spell.person_id,
    period.year,
    benefit_spell.benefit_state,
    sum(
        least(benefit_spell.last_week_position, period.last_week)
        - greatest(benefit_spell.first_week_position, period.first_week) + 1
    ) AS five_years_weeks,
    coalesce(
        sum(
            least(benefit_spell.last_week_position, period.last_week)
            - greatest(benefit_spell.first_week_position, period.first_week_before) + 1
        ) FILTER (WHERE benefit_spell.last_week_position >= period.first_week_before), 0
    ) AS year_before_weeks
FROM core.benefit_spell
INNER JOIN period
    ON
        benefit_spell.first_week_position <= period.last_week
        AND benefit_spell.last_week_position >= period.first_week
GROUP BY benefit_spell.person_id, period.year, benefit_spell.benefit_state;

COMMENT ON VIEW mart.benefit_before IS 'Weeks in each benefit state before each year at risk.';
COMMENT ON COLUMN mart.benefit_before.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN mart.benefit_before.year IS 'Year at risk.';
COMMENT ON COLUMN mart.benefit_before.benefit_state IS 'Benefit state.';
COMMENT ON COLUMN mart.benefit_before.five_years_weeks IS 'Weeks in the five ISO years before.';
COMMENT ON COLUMN mart.benefit_before.year_before_weeks IS 'Weeks in the ISO year before.';
