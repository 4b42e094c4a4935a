-- object: initiative.residence
-- grain: one row per person asked about, in the order asked
-- key: place
-- units: years
-- source: BEF
-- reads: core.person_snapshot
-- caveat: a query, asked with pseudonyms, their adopters and years of beginning; a resident is who
--   lives there on the 31 December before or after the beginning; not for publication

WITH asked AS (
    SELECT
        unnest(getvariable('participants')) AS person_id,
        unnest(getvariable('participant_adopters')) AS adopter_code,
        unnest(getvariable('participant_years')) AS start_year,
        generate_subscripts(getvariable('participants'), 1) AS place
)

SELECT
    asked.place,
    coalesce(bool_or(person_snapshot.municipality_code = asked.adopter_code), FALSE)
        AS is_resident,
    asked.start_year - 1 - CAST(year(min(person_snapshot.birth_date)) AS INTEGER) AS age_years,
    record_key(asked.person_id) AS record_key
FROM asked
LEFT JOIN core.person_snapshot
    ON
        asked.person_id = person_snapshot.person_id
        AND person_snapshot.snapshot_year BETWEEN asked.start_year - 1 AND asked.start_year
GROUP BY asked.place, asked.person_id, asked.start_year
ORDER BY asked.place
