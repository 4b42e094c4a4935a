-- object: core.decision
-- grain: one row per person, case type and decision date
-- key: person_id, case_type, decision_date
-- units: days
-- source: Ankestyrelsen
-- reads: raw.ankestyrelsen, core.icd10_category, core.municipality_successor,
--   core.split_residence
-- caveat: municipality_code is the one that decided, not always that of residence; of several
--   decisions on one case type and date a grant stands before one with revision, that before a
--   refusal, a refusal before others

CREATE TABLE core.decision AS
SELECT
    ankestyrelsen.PNR AS person_id,
    ankestyrelsen.SAGSART AS case_type,
    ankestyrelsen.AFGDATO AS decision_date,
    CASE ankestyrelsen.AFGOERELSE
        WHEN 'TILKENDELSE' THEN 'grant' WHEN 'TILKENDELSE_REVISION' THEN 'grant'
        WHEN 'AFSLAG' THEN 'refusal' WHEN 'ANDET' THEN 'other'
    END AS decision,
    ankestyrelsen.AFGOERELSE = 'TILKENDELSE_REVISION' AS has_revision,
    ankestyrelsen.STARTDATO AS application_date,
    CAST(ankestyrelsen.AFGDATO - ankestyrelsen.STARTDATO AS INTEGER) AS processing_days,
    CASE ankestyrelsen.GRUNDLAG
        WHEN '1' THEN 'full_clarification' WHEN '2' THEN 'documentation_only' WHEN '3' THEN 'other'
    END AS assessment_basis,
    ankestyrelsen.HOVEDDIAG AS diagnosis_code,
    coalesce(icd10_category.diagnosis_group, 'other') AS diagnosis_group,
    coalesce(icd10_category.diagnosis_subgroup, 'other_rest') AS diagnosis_subgroup,
    coalesce(
        split_residence.municipality_code, municipality_successor.municipality_code
    ) AS municipality_code,
    ankestyrelsen.KOM AS register_municipality_code
FROM raw.ankestyrelsen
INNER JOIN core.municipality_successor
    ON
        ankestyrelsen.KOM = municipality_successor.register_code
        AND municipality_successor.is_largest
LEFT JOIN core.split_residence
    ON
        ankestyrelsen.PNR = split_residence.person_id
        AND ankestyrelsen.KOM = split_residence.register_code
LEFT JOIN core.icd10_category
    ON left(ankestyrelsen.HOVEDDIAG, 3) = icd10_category.category_code
QUALIFY
    row_number() OVER (
        PARTITION BY ankestyrelsen.PNR, ankestyrelsen.SAGSART, ankestyrelsen.AFGDATO
        ORDER BY
            CASE ankestyrelsen.AFGOERELSE
                WHEN 'TILKENDELSE' THEN 1 WHEN 'TILKENDELSE_REVISION' THEN 2
                WHEN 'AFSLAG' THEN 3 ELSE 4
            END
    ) = 1;

COMMENT ON TABLE core.decision IS 'Decisions on disability pension (FP) and flexjob (FJ).';
COMMENT ON COLUMN core.decision.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN core.decision.case_type IS 'FP disability pension, FJ flexjob.';
COMMENT ON COLUMN core.decision.decision_date IS 'Date of decision.';
COMMENT ON COLUMN core.decision.decision IS 'grant, refusal or other.';
COMMENT ON COLUMN core.decision.has_revision IS
'Whether the grant is looked at anew after some years.';
COMMENT ON COLUMN core.decision.application_date IS 'Date of application.';
COMMENT ON COLUMN core.decision.processing_days IS 'Days from application to decision.';
COMMENT ON COLUMN core.decision.assessment_basis IS 'Basis of assessment; null when not recorded.';
COMMENT ON COLUMN core.decision.diagnosis_code IS 'Main diagnosis, ICD-10; null when not recorded.';
COMMENT ON COLUMN core.decision.diagnosis_group IS 'Main diagnosis group; other when not recorded.';
COMMENT ON COLUMN core.decision.diagnosis_subgroup IS
'Part of the main diagnosis group; other_rest when not recorded.';
COMMENT ON COLUMN core.decision.municipality_code IS
'Municipality of today that decided.';
COMMENT ON COLUMN core.decision.register_municipality_code IS 'KOM as delivered.';
