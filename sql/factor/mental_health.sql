-- object: factor.mental_health
-- place: 9
-- title: Psykisk helbred / Mental health
-- levels: none = Ingen registreret / None recorded; psychotropic = Psykofarmaka / Psychotropic
--   prescriptions; diagnosis = Psykiatrisk diagnose / Psychiatric hospital diagnosis
-- reference: none
-- otherwise: none
-- lookback: health; the year before for drugs
-- health: yes
-- source: LPR2, LPR3, LMDB
-- reads: mart.health_history
-- caveat: a diagnosis goes before drugs; nobody without either is known to be well

SELECT
    health_history.person_id,
    health_history.year,
    CASE
        WHEN health_history.has_mental_diagnosis THEN 'diagnosis'
        WHEN health_history.has_psychotropic THEN 'psychotropic'
        ELSE 'none'
    END AS level
FROM mart.health_history
