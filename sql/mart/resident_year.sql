-- object: mart.resident_year
-- grain: one row per person and year at risk
-- key: person_id, year
-- units: years, children
-- source: BEF and UDDA of the year before
-- reads: core.person_snapshot, core.education
-- caveat: ages outside age_first to age_last are left out

CREATE TABLE mart.resident_year AS
WITH year_at_risk AS (
    SELECT unnest(getvariable('years_at_risk')) AS year
)

SELECT
    person_snapshot.person_id,
    year_at_risk.year,
    person_snapshot.municipality_code,
    list_extract(
        getvariable('age_band_levels'),
        1 + len(
            list_filter(
                getvariable('age_band_edges'),
                LAMBDA edge: person_snapshot.age_years >= edge  -- noqa: RF02
            )
        )
    ) AS age_band,
    person_snapshot.sex,
    coalesce(education.education, 'unknown') AS education,
    person_snapshot.origin,
    CASE WHEN person_snapshot.is_married THEN 'married' ELSE 'single' END
    || CASE WHEN person_snapshot.n_children > 0 THEN '_children' ELSE '_no_children' END AS family
FROM core.person_snapshot
INNER JOIN year_at_risk ON person_snapshot.snapshot_year = year_at_risk.year - 1
LEFT JOIN core.education
    ON
        person_snapshot.person_id = education.person_id
        AND person_snapshot.snapshot_year = education.snapshot_year
WHERE person_snapshot.age_years BETWEEN getvariable('age_first') AND getvariable('age_last');

COMMENT ON TABLE mart.resident_year IS 'Residents of working age on the eve of each year at risk.';
COMMENT ON COLUMN mart.resident_year.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN mart.resident_year.year IS 'Year at risk; all else is of 31 December before.';
COMMENT ON COLUMN mart.resident_year.municipality_code IS 'Municipality of residence.';
COMMENT ON COLUMN mart.resident_year.age_band IS 'Age in full years.';
COMMENT ON COLUMN mart.resident_year.sex IS 'male or female.';
COMMENT ON COLUMN mart.resident_year.education IS 'Highest completed education.';
COMMENT ON COLUMN mart.resident_year.origin IS 'danish, immigrant or descendant.';
COMMENT ON COLUMN mart.resident_year.family IS 'Married or not, children under 18 at home or not.';
