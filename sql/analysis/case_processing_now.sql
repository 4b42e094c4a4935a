-- object: analysis.case_processing_now
-- database: benchmark
-- grain: one row per outcome and municipality
-- key: outcome, municipality_code
-- units: days, grants, shares 0-1
-- source: result
-- reads: now.case_processing, now.municipality, now.ranking
-- caveat: model within for the rank; withheld figures are null

CREATE VIEW analysis.case_processing_now AS
SELECT
    cases.outcome,
    cases.municipality_code,
    place.municipality_name,
    place.region_name,
    ranking.rank,
    cases.n_decisions,
    cases.n_grants,
    cases.n_refusals,
    cases.median_days,
    cases.median_low,
    cases.median_high,
    cases.grants_per_refusal,
    cases.grants_per_refusal_low,
    cases.grants_per_refusal_high,
    cases.mental_share,
    cases.mental_share_low,
    cases.mental_share_high,
    cases.is_suppressed
FROM now.case_processing AS cases
INNER JOIN now.municipality AS place
    ON cases.municipality_code = place.municipality_code
LEFT JOIN now.ranking
    ON
        cases.outcome = ranking.outcome
        AND cases.municipality_code = ranking.municipality_code
        AND ranking.model = 'within';

COMMENT ON VIEW analysis.case_processing_now IS
'How cases were decided, beside the rank: days, grants per refusal, mental share.';
COMMENT ON COLUMN analysis.case_processing_now.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN analysis.case_processing_now.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN analysis.case_processing_now.municipality_name IS
'Name of the municipality.';
COMMENT ON COLUMN analysis.case_processing_now.region_name IS
'Name of the region.';
COMMENT ON COLUMN analysis.case_processing_now.rank IS
'1 = fewest granted relative to expectation.';
COMMENT ON COLUMN analysis.case_processing_now.n_decisions IS
'Decisions made.';
COMMENT ON COLUMN analysis.case_processing_now.n_grants IS
'Decisions that grant.';
COMMENT ON COLUMN analysis.case_processing_now.n_refusals IS
'Decisions that refuse.';
COMMENT ON COLUMN analysis.case_processing_now.median_days IS
'Median days from application to decision.';
COMMENT ON COLUMN analysis.case_processing_now.median_low IS
'Lower limit of median_days.';
COMMENT ON COLUMN analysis.case_processing_now.median_high IS
'Upper limit of median_days.';
COMMENT ON COLUMN analysis.case_processing_now.grants_per_refusal IS
'Grants per refusal; null without refusals.';
COMMENT ON COLUMN analysis.case_processing_now.grants_per_refusal_low IS
'Lower limit of grants_per_refusal.';
COMMENT ON COLUMN analysis.case_processing_now.grants_per_refusal_high IS
'Upper limit of grants_per_refusal.';
COMMENT ON COLUMN analysis.case_processing_now.mental_share IS
'Share of grants with a mental main diagnosis, 0-1.';
COMMENT ON COLUMN analysis.case_processing_now.mental_share_low IS
'Lower limit of mental_share.';
COMMENT ON COLUMN analysis.case_processing_now.mental_share_high IS
'Upper limit of mental_share.';
COMMENT ON COLUMN analysis.case_processing_now.is_suppressed IS
'Whether disclosure control withholds the figures.';
