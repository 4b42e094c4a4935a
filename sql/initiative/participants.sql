-- object: initiative.participants
-- grain: one row per cell, of those who took part by adopter and of all others by municipality
-- key: is_participant, municipality_code, cell
-- units: persons, weeks, grants, years
-- source: STAR, DREAM; BEF; Ankestyrelsen
-- reads: core.week, core.person_snapshot, core.benefit_spell, mart.person_outcome
-- caveat: a query, asked with a month in which some began; residents of the 31 December before, in
--   cells of age, sex, benefit in the week before and weeks on cash or education benefit in the two
--   years before; others are residents of municipalities that did not adopt; followed from the first
--   week that begins in the month, the dead and emigrated with them; counts of few persons

WITH beginning AS (
    SELECT min(week.week_position) AS first_week
    FROM core.week
    WHERE week.monday_date >= getvariable('month_start')
),

followed AS (
    SELECT
        beginning.first_week,
        least(
            max(week.week_position), beginning.first_week + 52 * getvariable('years_after') - 1
        ) AS last_week
    FROM beginning
    CROSS JOIN core.week
    GROUP BY beginning.first_week
),

-- Grants are known from the first to the last year that has some.
of_outcome AS (
    SELECT
        person_outcome.outcome,
        min(year(person_outcome.outcome_date)) AS first_year,
        least(
            CAST(make_date(max(year(person_outcome.outcome_date)) + 1, 1, 1) AS DATE),
            CAST(
                getvariable('month_start') + to_years(getvariable('years_after')) AS DATE
            )
        ) AS end_date
    FROM mart.person_outcome
    WHERE person_outcome.outcome IN ('FP', 'FJ')
    GROUP BY person_outcome.outcome
),

known AS (
    SELECT
        of_outcome.outcome,
        of_outcome.end_date,
        (of_outcome.end_date - getvariable('month_start')) / 365.25 AS n_years
    FROM of_outcome
    WHERE
        of_outcome.first_year <= year(getvariable('month_start'))
        AND of_outcome.end_date > getvariable('month_start')
),

years AS (
    SELECT
        max(known.n_years) FILTER (WHERE known.outcome = 'FP') AS fp_years,
        max(known.n_years) FILTER (WHERE known.outcome = 'FJ') AS fj_years
    FROM known
),

grant_date AS (
    SELECT
        person_outcome.person_id,
        bool_or(person_outcome.outcome = 'FP') AS has_fp,
        bool_or(person_outcome.outcome = 'FJ') AS has_fj
    FROM mart.person_outcome
    INNER JOIN known ON person_outcome.outcome = known.outcome
    WHERE
        person_outcome.outcome_date >= getvariable('month_start')
        AND person_outcome.outcome_date < known.end_date
    GROUP BY person_outcome.person_id
),

participant AS (
    SELECT
        unnest(getvariable('participants')) AS person_id,
        unnest(getvariable('participant_adopters')) AS adopter_code
),

of_initiative AS (
    SELECT unnest(getvariable('all_participants')) AS person_id
),

resident AS (
    SELECT
        person_snapshot.person_id,
        participant.person_id IS NOT NULL AS is_participant,
        coalesce(participant.adopter_code, person_snapshot.municipality_code) AS municipality_code,
        person_snapshot.age_years,
        person_snapshot.sex
    FROM core.person_snapshot
    LEFT JOIN participant ON person_snapshot.person_id = participant.person_id
    LEFT JOIN of_initiative ON person_snapshot.person_id = of_initiative.person_id
    WHERE
        person_snapshot.snapshot_year = year(getvariable('month_start')) - 1
        AND person_snapshot.age_years BETWEEN getvariable('age_first') AND getvariable('age_last')
        AND (
            participant.person_id IS NOT NULL
            OR (
                of_initiative.person_id IS NULL
                AND NOT list_contains(getvariable('adopters'), person_snapshot.municipality_code)
            )
        )
),

-- Spells beside the weeks they share with the two years before and with those that are followed.
spell AS (
    SELECT
        resident.person_id,
        resident.is_participant,
        resident.municipality_code,
        resident.age_years,
        resident.sex,
        followed.last_week - followed.first_week + 1 AS n_weeks,
        benefit_spell.benefit_state,
        followed.first_week - 1 BETWEEN benefit_spell.first_week_position
        AND benefit_spell.last_week_position AS is_before,
        list_contains(getvariable('benefit'), benefit_spell.benefit_state) AS is_benefit,
        list_contains(getvariable('education'), benefit_spell.benefit_state) AS is_education,
        greatest(
            0,
            least(benefit_spell.last_week_position, followed.first_week - 1)
            - greatest(benefit_spell.first_week_position, followed.first_week - 104) + 1
        ) AS weeks_before,
        greatest(
            0,
            least(benefit_spell.last_week_position, followed.last_week)
            - greatest(benefit_spell.first_week_position, followed.first_week) + 1
        ) AS weeks_followed
    FROM resident
    CROSS JOIN followed
    LEFT JOIN core.benefit_spell
        ON
            resident.person_id = benefit_spell.person_id
            AND followed.first_week - 104 <= benefit_spell.last_week_position
            AND followed.last_week >= benefit_spell.first_week_position
    WHERE followed.first_week IS NOT NULL
),

person AS (
    SELECT
        spell.person_id,
        spell.is_participant,
        spell.municipality_code,
        spell.age_years,
        spell.sex,
        spell.n_weeks,
        max(spell.benefit_state) FILTER (WHERE spell.is_before) AS state_before,
        coalesce(sum(spell.weeks_before) FILTER (WHERE spell.is_benefit), 0) AS weeks_before,
        coalesce(sum(spell.weeks_followed) FILTER (WHERE spell.is_benefit), 0) AS benefit_weeks,
        coalesce(sum(spell.weeks_followed) FILTER (WHERE NOT spell.is_education), 0) AS other_weeks
    FROM spell
    GROUP BY ALL
),

told AS (
    SELECT
        person.is_participant,
        person.municipality_code,
        concat_ws(
            ' ',
            CASE
                WHEN person.age_years < 25 THEN 24
                WHEN person.age_years < 30 THEN 29
                ELSE person.age_years // 10 * 10 + 9
            END,
            person.sex,
            coalesce(person.state_before, 'none'),
            CASE
                WHEN person.weeks_before = 0 THEN 0
                WHEN person.weeks_before <= 26 THEN 26
                WHEN person.weeks_before <= 52 THEN 52
                ELSE 104
            END
        ) AS cell,
        record_key(person.person_id) AS record_key,
        person.n_weeks,
        CAST(person.benefit_weeks AS BIGINT) AS benefit_weeks,
        CAST(person.n_weeks - person.other_weeks AS BIGINT) AS support_weeks,
        coalesce(grant_date.has_fp, FALSE) AS has_fp,
        coalesce(grant_date.has_fj, FALSE) AS has_fj
    FROM person
    LEFT JOIN grant_date ON person.person_id = grant_date.person_id
)

SELECT
    told.is_participant,
    told.municipality_code,
    told.cell,
    count(*) AS n,
    CAST(sum(told.record_key) AS BIGINT) AS n_key,
    any_value(told.n_weeks) AS n_weeks,
    any_value(years.fp_years) AS fp_years,
    any_value(years.fj_years) AS fj_years,
    CAST(sum(told.benefit_weeks) AS BIGINT) AS benefit_weeks,
    CAST(sum(told.benefit_weeks * told.benefit_weeks) AS BIGINT) AS benefit_squares,
    count(*) FILTER (WHERE told.benefit_weeks > 0) AS n_benefit,
    CAST(
        coalesce(sum(told.record_key) FILTER (WHERE told.benefit_weeks > 0), 0) AS BIGINT
    ) AS benefit_key,
    CAST(sum(told.support_weeks) AS BIGINT) AS support_weeks,
    CAST(sum(told.support_weeks * told.support_weeks) AS BIGINT) AS support_squares,
    count(*) FILTER (WHERE told.support_weeks > 0) AS n_support,
    CAST(
        coalesce(sum(told.record_key) FILTER (WHERE told.support_weeks > 0), 0) AS BIGINT
    ) AS support_key,
    count(*) FILTER (WHERE told.has_fp) AS n_fp,
    CAST(coalesce(sum(told.record_key) FILTER (WHERE told.has_fp), 0) AS BIGINT) AS fp_key,
    count(*) FILTER (WHERE told.has_fj) AS n_fj,
    CAST(coalesce(sum(told.record_key) FILTER (WHERE told.has_fj), 0) AS BIGINT) AS fj_key
FROM told
CROSS JOIN years
GROUP BY told.is_participant, told.municipality_code, told.cell
ORDER BY told.is_participant, told.municipality_code, told.cell
