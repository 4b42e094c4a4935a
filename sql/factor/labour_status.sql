-- object: factor.labour_status
-- place: 6
-- title: Ydelse ved årets begyndelse / Benefit at the start of the year
-- levels: self_supporting = Ingen ydelse ved årets udgang / No benefit at year-end; unemployment =
--   Dagpenge / Unemployment benefit; cash_benefit = Kontant- eller uddannelseshjælp / Cash or
--   education benefit; sickness = Sygedagpenge / Sickness benefit; rehabilitation = Revalidering /
--   Rehabilitation; flexjob = Fleksjob eller ledighedsydelse / Flexjob or flexjob unemployment
--   benefit; other = Anden ydelse / Other benefit
-- reference: self_supporting
-- otherwise: self_supporting
-- lookback: the last ISO week before
-- health: no
-- source: STAR, DREAM
-- reads: mart.benefit_history
-- caveat: a student grant leaves one self-supporting

SELECT
    benefit_history.person_id,
    benefit_history.year,
    CASE
        WHEN coalesce(benefit_history.last_week_state, 'none') IN ('none', 'student_grant')
            THEN 'self_supporting'
        WHEN benefit_history.last_week_state = 'unemployment' THEN 'unemployment'
        WHEN benefit_history.last_week_state IN ('cash_benefit', 'education_benefit')
            THEN 'cash_benefit'
        WHEN benefit_history.last_week_state = 'sickness_benefit' THEN 'sickness'
        WHEN benefit_history.last_week_state = 'rehabilitation' THEN 'rehabilitation'
        WHEN benefit_history.last_week_state IN ('flexjob', 'flexjob_unemployment') THEN 'flexjob'
        ELSE 'other'
    END AS level
FROM mart.benefit_history
