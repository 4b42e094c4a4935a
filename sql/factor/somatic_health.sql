-- object: factor.somatic_health
-- place: 10
-- title: Somatisk helbred / Somatic health
-- levels: none = Ingen registreret / None recorded; musculoskeletal = Bevægeapparatet /
--   Musculoskeletal diagnosis; other_serious = Anden alvorlig diagnose / Other serious diagnosis
-- reference: none
-- otherwise: none
-- lookback: health
-- health: yes
-- source: LPR2, LPR3
-- reads: mart.health_history
-- caveat: somatic hospitals only; the musculoskeletal goes first

SELECT
    health_history.person_id,
    health_history.year,
    CASE
        WHEN health_history.has_musculoskeletal_diagnosis THEN 'musculoskeletal'
        WHEN health_history.has_other_serious_diagnosis THEN 'other_serious'
        ELSE 'none'
    END AS level
FROM mart.health_history
