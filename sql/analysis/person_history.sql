-- object: analysis.person_history
-- database: registers
-- grain: one row per thing recorded of the person
-- key: none
-- units: none
-- source: all registers
-- reads: core.person_snapshot, core.benefit_spell, core.decision, core.hospital_diagnosis,
--   mart.person_risk, codes.municipality
-- caveat: without prescriptions and doctors' contacts, which are many; microdata of one person

-- The linter cannot parse COMMENT ON MACRO.
-- noqa: disable=all
CREATE MACRO analysis.person_history(person) AS TABLE
    SELECT
        make_date(person_snapshot.snapshot_year, 12, 31) AS from_date,
        make_date(person_snapshot.snapshot_year, 12, 31) AS to_date,
        'residence' AS kind,
        municipality.municipality_name || ', age ' || person_snapshot.age_years AS what
    FROM core.person_snapshot
    INNER JOIN codes.municipality
        ON person_snapshot.municipality_code = municipality.municipality_code
    WHERE person_snapshot.person_id = person
    UNION ALL
    SELECT
        benefit_spell.first_week_date,
        benefit_spell.last_week_date + 6,
        'benefit',
        benefit_spell.benefit_state || ' (' || benefit_spell.benefit_code || '), '
        || benefit_spell.n_weeks || ' weeks'
    FROM core.benefit_spell
    WHERE benefit_spell.person_id = person
    UNION ALL
    SELECT
        decision.application_date,
        decision.decision_date,
        'decision',
        decision.case_type || ' ' || decision.decision || ', ' || decision.diagnosis_group
    FROM core.decision
    WHERE decision.person_id = person
    UNION ALL
    SELECT
        hospital_diagnosis.contact_date,
        hospital_diagnosis.contact_date,
        'diagnosis',
        hospital_diagnosis.diagnosis_code || ' (' || hospital_diagnosis.diagnosis_type || '), '
        || hospital_diagnosis.diagnosis_group
    FROM core.hospital_diagnosis
    WHERE hospital_diagnosis.person_id = person
    UNION ALL
    SELECT
        make_date(person_risk.year, 1, 1),
        make_date(person_risk.year, 12, 31),
        'at risk',
        'of ' || string_agg(person_risk.outcome, ', ' ORDER BY person_risk.outcome)
        || coalesce(
            '; came to ' || string_agg(person_risk.outcome, ', ' ORDER BY person_risk.outcome)
            FILTER (WHERE person_risk.is_event), ''
        )
    FROM mart.person_risk
    WHERE person_risk.person_id = person
    GROUP BY person_risk.year
    ORDER BY from_date, to_date, kind, what;

COMMENT ON MACRO TABLE analysis.person_history IS
'What the registers have of one person, in order of time, to see why a row is as it is: FROM analysis.person_history(''...'').';
