-- object: core.pending_application
-- grain: one row per person and case type that waits for a decision when the register ends
-- key: person_id, case_type
-- units: days
-- source: municipalities (compiled by the data team)
-- reads: raw.ansoegning, core.decision, core.municipality_successor, core.split_residence
-- caveat: of the newest file; empty without the optional register; a case with a decision on the
--   same application is not among them

CREATE TABLE core.pending_application AS
SELECT
    ansoegning.PNR AS person_id,
    ansoegning.SAGSART AS case_type,
    ansoegning.STARTDATO AS application_date,
    make_date(ansoegning.FILE_YEAR, 12, 31) AS waits_on_date,
    coalesce(
        split_residence.municipality_code, municipality_successor.municipality_code
    ) AS municipality_code
FROM raw.ansoegning
INNER JOIN core.municipality_successor
    ON
        ansoegning.KOM = municipality_successor.register_code
        AND municipality_successor.is_largest
LEFT JOIN core.split_residence
    ON
        ansoegning.PNR = split_residence.person_id
        AND ansoegning.KOM = split_residence.register_code
LEFT JOIN core.decision
    ON
        ansoegning.PNR = decision.person_id
        AND ansoegning.SAGSART = decision.case_type
        AND ansoegning.STARTDATO = decision.application_date
WHERE
    ansoegning.FILE_YEAR = (SELECT max(newest.FILE_YEAR) FROM raw.ansoegning AS newest)
    AND ansoegning.STARTDATO <= make_date(ansoegning.FILE_YEAR, 12, 31)
    AND decision.person_id IS NULL;

COMMENT ON TABLE core.pending_application IS
'Applications for disability pension (FP) and flexjob (FJ) that were not decided in the end.';
COMMENT ON COLUMN core.pending_application.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN core.pending_application.case_type IS 'FP disability pension, FJ flexjob.';
COMMENT ON COLUMN core.pending_application.application_date IS 'Date of application.';
COMMENT ON COLUMN core.pending_application.waits_on_date IS
'Day on which it was not decided: 31 December of the file''s year.';
COMMENT ON COLUMN core.pending_application.municipality_code IS
'Municipality of today that has the case.';
