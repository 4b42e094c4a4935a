-- object: analysis.practice_danish
-- database: benchmark
-- grain: one row per outcome, municipality, dimension and level
-- key: "Udfald", "Kode", "Opdeling", "Niveau"
-- units: grants, odds ratios
-- source: result, codes
-- reads: now.practice_profile, now.municipality, codes.outcome, codes.factor, codes.diagnosis_group, codes.main_level
-- caveat: model within; withheld counts are null; dimensions are the same grants counted another way, never to be added

-- Headings are for people.
-- noqa: disable=RF05
CREATE VIEW analysis.practice_danish AS
WITH label AS (
    SELECT
        'diagnosis_group' AS dimension,
        diagnosis_group.diagnosis_group AS level,
        diagnosis_group.description_da
    FROM codes.diagnosis_group
    UNION ALL
    SELECT
        factor.factor AS dimension,
        factor.level,
        factor.description_da
    FROM codes.factor
    UNION ALL
    SELECT DISTINCT
        main_level.dimension,
        main_level.main_level AS level,
        main_level.description_da
    FROM codes.main_level
)

SELECT
    outcome.name_da AS "Udfald",
    profile.municipality_code AS "Kode",
    place.municipality_name AS "Kommune",
    profile.dimension AS "Opdeling",
    coalesce(label.description_da, profile.level) AS "Niveau",
    profile.observed AS "Faktisk",
    profile.expected AS "Forventet",
    exp(profile.practice_effect_shrunk) AS "Praksis, udjævnet",
    exp(profile.practice_effect_low) AS "Nedre grænse",
    exp(profile.practice_effect_high) AS "Øvre grænse"
FROM now.practice_profile AS profile
INNER JOIN codes.outcome AS outcome
    ON profile.outcome = outcome.outcome
LEFT JOIN now.municipality AS place
    ON profile.municipality_code = place.municipality_code
LEFT JOIN label
    ON profile.dimension = label.dimension AND profile.level = label.level
WHERE profile.model = 'within';

COMMENT ON VIEW analysis.practice_danish IS
'Practice by diagnosis, tenure, age and other dimensions with Danish headings and names.';
COMMENT ON COLUMN analysis.practice_danish."Udfald" IS
'Outcome by name.';
COMMENT ON COLUMN analysis.practice_danish."Kode" IS
'Municipality, three digits.';
COMMENT ON COLUMN analysis.practice_danish."Kommune" IS
'Name of the municipality.';
COMMENT ON COLUMN analysis.practice_danish."Opdeling" IS
'Dimension, as in practice_profile.';
COMMENT ON COLUMN analysis.practice_danish."Niveau" IS
'Level by name.';
COMMENT ON COLUMN analysis.practice_danish."Faktisk" IS
'Grants made; null where withheld.';
COMMENT ON COLUMN analysis.practice_danish."Forventet" IS
'Grants expected, at national practice.';
COMMENT ON COLUMN analysis.practice_danish."Praksis, udjævnet" IS
'Shrunken practice as an odds ratio; 1 is as expected.';
COMMENT ON COLUMN analysis.practice_danish."Nedre grænse" IS
'Lower limit.';
COMMENT ON COLUMN analysis.practice_danish."Øvre grænse" IS
'Upper limit.';
