-- object: analysis.first_grant
-- database: registers
-- grain: one row per person and outcome
-- key: person_id, outcome
-- units: years
-- source: Ankestyrelsen, BEF
-- reads: core.first_grant, core.person_snapshot, codes.municipality
-- caveat: residence, age and sex are of 31 December before; null for who was no resident then

CREATE VIEW analysis.first_grant AS
SELECT
    first_grant.person_id,
    first_grant.outcome,
    first_grant.case_type,
    first_grant.grant_date,
    first_grant.diagnosis_group,
    person_snapshot.age_years,
    person_snapshot.sex,
    person_snapshot.municipality_code,
    municipality.municipality_name,
    municipality.region_name
FROM core.first_grant
LEFT JOIN core.person_snapshot
    ON
        first_grant.person_id = person_snapshot.person_id
        AND first_grant.grant_year - 1 = person_snapshot.snapshot_year
LEFT JOIN codes.municipality
    ON person_snapshot.municipality_code = municipality.municipality_code;

COMMENT ON VIEW analysis.first_grant IS 'First grants, with who got them and where they lived.';
COMMENT ON COLUMN analysis.first_grant.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN analysis.first_grant.outcome IS 'FP, FJ, or ANY for the first of either.';
COMMENT ON COLUMN analysis.first_grant.case_type IS 'FP or FJ: what was granted.';
COMMENT ON COLUMN analysis.first_grant.grant_date IS 'Date of decision.';
COMMENT ON COLUMN analysis.first_grant.diagnosis_group IS 'Main diagnosis group of the grant.';
COMMENT ON COLUMN analysis.first_grant.age_years IS 'Full years of age on 31 December before.';
COMMENT ON COLUMN analysis.first_grant.sex IS 'male or female.';
COMMENT ON COLUMN analysis.first_grant.municipality_code IS
'Municipality of today of residence on 31 December before.';
COMMENT ON COLUMN analysis.first_grant.municipality_name IS 'Its name.';
COMMENT ON COLUMN analysis.first_grant.region_name IS 'Region of the municipality.';
