-- object: analysis.ranking_danish
-- database: benchmark
-- grain: one row per outcome and municipality
-- key: "Udfald", "Kode"
-- units: grants, ranks
-- source: result, codes
-- reads: analysis.ranking_now, codes.outcome, now.municipality
-- caveat: model within; for spreadsheets and charts in Danish

-- Headings are for people.
-- noqa: disable=RF05
CREATE VIEW analysis.ranking_danish AS
SELECT
    outcome.name_da AS "Udfald",
    ranking.municipality_code AS "Kode",
    ranking.municipality_name AS "Kommune",
    place.region_name AS "Region",
    ranking.observed AS "Faktisk",
    ranking.expected AS "Forventet",
    ranking.ratio AS "Faktisk over forventet",
    ranking.ratio_low AS "Nedre grænse",
    ranking.ratio_high AS "Øvre grænse",
    ranking.rank AS "Placering",
    ranking.rank_low AS "Placering, nedre",
    ranking.rank_high AS "Placering, øvre"
FROM analysis.ranking_now AS ranking
INNER JOIN codes.outcome AS outcome
    ON ranking.outcome = outcome.outcome
LEFT JOIN now.municipality AS place
    ON ranking.municipality_code = place.municipality_code;

COMMENT ON VIEW analysis.ranking_danish IS
'The ranking with Danish headings and names.';
COMMENT ON COLUMN analysis.ranking_danish."Udfald" IS
'Outcome by name.';
COMMENT ON COLUMN analysis.ranking_danish."Kode" IS
'Municipality, three digits.';
COMMENT ON COLUMN analysis.ranking_danish."Kommune" IS
'Name of the municipality.';
COMMENT ON COLUMN analysis.ranking_danish."Region" IS
'Name of the region.';
COMMENT ON COLUMN analysis.ranking_danish."Faktisk" IS
'Grants made.';
COMMENT ON COLUMN analysis.ranking_danish."Forventet" IS
'Grants expected from who lives there, at national practice.';
COMMENT ON COLUMN analysis.ranking_danish."Faktisk over forventet" IS
'Observed over expected.';
COMMENT ON COLUMN analysis.ranking_danish."Nedre grænse" IS
'Lower limit of observed over expected.';
COMMENT ON COLUMN analysis.ranking_danish."Øvre grænse" IS
'Upper limit of observed over expected.';
COMMENT ON COLUMN analysis.ranking_danish."Placering" IS
'Rank; 1 = fewest granted relative to expectation.';
COMMENT ON COLUMN analysis.ranking_danish."Placering, nedre" IS
'Lowest rank the data do not rule out.';
COMMENT ON COLUMN analysis.ranking_danish."Placering, øvre" IS
'Highest rank the data do not rule out.';
