-- object: initiative.panel
-- grain: one row per municipality and period
-- key: municipality_code, year, period
-- units: persons, weeks, grants
-- source: STAR, DREAM; BEF; Ankestyrelsen
-- reads: core.week, core.person_snapshot, core.benefit_spell, mart.person_outcome
-- caveat: a query, asked with the ages and years of an initiative; residents of the 31 December
--   before, of whom the later dead and emigrated have no weeks; DREAM tells work from other
--   self-support not apart; a period that DREAM does not cover has no row; counts of few persons

WITH period AS (
    SELECT
        week.iso_year AS year,
        CAST(
            least(
                getvariable('periods_a_year'),
                (week.iso_week - 1) // (52 // getvariable('periods_a_year')) + 1
            ) AS INTEGER
        ) AS period,
        min(week.week_position) AS first_week,
        max(week.week_position) AS last_week,
        max(week.week_position) - min(week.week_position) + 1 AS n_weeks,
        count(*) AS n_known
    FROM core.week
    WHERE week.iso_year BETWEEN getvariable('first_year') AND getvariable('last_year')
    GROUP BY ALL
),

covered AS (
    SELECT period.*
    FROM period
    WHERE period.n_known >= 52 // getvariable('periods_a_year')
),

resident AS (
    SELECT
        person_snapshot.person_id,
        person_snapshot.municipality_code,
        person_snapshot.snapshot_year + 1 AS year,
        record_key(person_snapshot.person_id) AS record_key
    FROM core.person_snapshot
    WHERE
        person_snapshot.snapshot_year + 1
        BETWEEN getvariable('first_year') AND getvariable('last_year')
        AND person_snapshot.age_years BETWEEN getvariable('age_first') AND getvariable('age_last')
),

population AS (
    SELECT
        resident.municipality_code,
        resident.year,
        count(*) AS residents,
        CAST(sum(resident.record_key) AS BIGINT) AS residents_key
    FROM resident
    GROUP BY ALL
),

-- Weeks of each person and period, as far as DREAM has a code for them.
person_period AS (
    SELECT
        resident.person_id,
        resident.municipality_code,
        resident.record_key,
        covered.year,
        covered.period,
        covered.n_weeks,
        least(benefit_spell.last_week_position, covered.last_week)
        - greatest(benefit_spell.first_week_position, covered.first_week) + 1 AS weeks,
        benefit_spell.benefit_state
    FROM resident
    INNER JOIN covered ON resident.year = covered.year
    INNER JOIN core.benefit_spell
        ON
            resident.person_id = benefit_spell.person_id
            AND covered.last_week >= benefit_spell.first_week_position
            AND covered.first_week <= benefit_spell.last_week_position
),

person_weeks AS (
    SELECT
        person_period.person_id,
        person_period.municipality_code,
        person_period.record_key,
        person_period.year,
        person_period.period,
        person_period.n_weeks,
        sum(person_period.weeks) AS any_weeks,
        sum(
            CASE
                WHEN
                    person_period.benefit_state IN ('dead', 'emigrated')
                    THEN person_period.weeks
                ELSE 0
            END
        )
            AS gone_weeks,
        sum(
            CASE
                WHEN
                    list_contains(getvariable('benefit'), person_period.benefit_state)
                    THEN person_period.weeks
                ELSE 0
            END
        )
            AS benefit_weeks,
        sum(
            CASE
                WHEN
                    list_contains(getvariable('education'), person_period.benefit_state)
                    THEN person_period.weeks
                ELSE 0
            END
        )
            AS education_weeks
    FROM person_period
    GROUP BY
        person_period.person_id,
        person_period.municipality_code,
        person_period.record_key,
        person_period.year,
        person_period.period,
        person_period.n_weeks
),

-- A week without a code is one of self-support: who is never without another code has none.
known AS (
    SELECT
        person_weeks.municipality_code,
        person_weeks.year,
        person_weeks.period,
        sum(person_weeks.gone_weeks) AS gone_weeks,
        sum(person_weeks.benefit_weeks) AS benefit_weeks,
        count(*) FILTER (WHERE person_weeks.benefit_weeks > 0) AS n_benefit,
        sum(person_weeks.record_key) FILTER (WHERE person_weeks.benefit_weeks > 0) AS benefit_key,
        sum(person_weeks.any_weeks - person_weeks.education_weeks) AS other_weeks,
        count(*) FILTER (
            WHERE person_weeks.any_weeks - person_weeks.education_weeks = person_weeks.n_weeks
        ) AS n_never,
        sum(person_weeks.record_key) FILTER (
            WHERE person_weeks.any_weeks - person_weeks.education_weeks = person_weeks.n_weeks
        ) AS never_key
    FROM person_weeks
    GROUP BY ALL
),

granted AS (
    SELECT
        resident.municipality_code,
        resident.year,
        CAST(
            (month(person_outcome.outcome_date) - 1) // (12 // getvariable('periods_a_year')) + 1
            AS INTEGER
        ) AS period,
        count(*) FILTER (WHERE person_outcome.outcome = 'FP') AS n_fp,
        sum(resident.record_key) FILTER (WHERE person_outcome.outcome = 'FP') AS fp_key,
        count(*) FILTER (WHERE person_outcome.outcome = 'FJ') AS n_fj,
        sum(resident.record_key) FILTER (WHERE person_outcome.outcome = 'FJ') AS fj_key
    FROM resident
    INNER JOIN mart.person_outcome
        ON
            resident.person_id = person_outcome.person_id
            AND resident.year = year(person_outcome.outcome_date)
    WHERE person_outcome.outcome IN ('FP', 'FJ')
    GROUP BY ALL
),

of_outcome AS (
    SELECT
        min(year(person_outcome.outcome_date)) FILTER (WHERE person_outcome.outcome = 'FP')
            AS first_fp,
        max(year(person_outcome.outcome_date)) FILTER (WHERE person_outcome.outcome = 'FP')
            AS last_fp,
        min(year(person_outcome.outcome_date)) FILTER (WHERE person_outcome.outcome = 'FJ')
            AS first_fj,
        max(year(person_outcome.outcome_date)) FILTER (WHERE person_outcome.outcome = 'FJ')
            AS last_fj
    FROM mart.person_outcome
)

SELECT
    population.municipality_code,
    population.year,
    covered.period,
    population.residents,
    covered.n_weeks * population.residents - coalesce(known.gone_weeks, 0) AS person_weeks,
    coalesce(known.benefit_weeks, 0) AS benefit_weeks,
    coalesce(known.n_benefit, 0) AS n_benefit,
    coalesce(known.benefit_key, 0) AS benefit_key,
    covered.n_weeks * population.residents - coalesce(known.other_weeks, 0) AS support_weeks,
    population.residents - coalesce(known.n_never, 0) AS n_support,
    population.residents_key - coalesce(known.never_key, 0) AS support_key,
    CASE
        WHEN population.year BETWEEN of_outcome.first_fp AND of_outcome.last_fp
            THEN coalesce(granted.n_fp, 0)
    END AS n_fp,
    coalesce(granted.fp_key, 0) AS fp_key,
    CASE
        WHEN population.year BETWEEN of_outcome.first_fj AND of_outcome.last_fj
            THEN coalesce(granted.n_fj, 0)
    END AS n_fj,
    coalesce(granted.fj_key, 0) AS fj_key
FROM population
INNER JOIN covered ON population.year = covered.year
CROSS JOIN of_outcome
LEFT JOIN known
    ON
        population.municipality_code = known.municipality_code
        AND population.year = known.year
        AND covered.period = known.period
LEFT JOIN granted
    ON
        population.municipality_code = granted.municipality_code
        AND population.year = granted.year
        AND covered.period = granted.period
ORDER BY population.municipality_code, population.year, covered.period
