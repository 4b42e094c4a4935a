-- object: analysis.is_support
-- database: registers
-- grain: one value
-- key: none
-- units: none
-- source: formula
-- reads: none
-- caveat: student grant, parental leave, early retirement and old age are no support in this sense

-- The linter cannot parse COMMENT ON MACRO.
-- noqa: disable=all
CREATE MACRO analysis.is_support(benefit_state) AS
    benefit_state IN (
        'unemployment', 'cash_benefit', 'education_benefit', 'sickness_benefit', 'rehabilitation',
        'resource_programme', 'job_clarification', 'flexjob', 'flexjob_unemployment',
        'disability_pension'
    );

COMMENT ON MACRO analysis.is_support IS
'Whether a benefit state is public support for people of working age.';
