-- object: factor.single_household
-- place: 26
-- title: Bor alene / Lives alone
-- levels: no = Bor med andre / Lives with others; yes = Bor alene / Lives alone
-- reference: no
-- lookback: none
-- health: no
-- source: Statistics Denmark, BEF
-- reads: core.person_snapshot
-- caveat: the only one in the register's family on 31 December before, children included; who has
--   no family number lives with others

WITH family AS (
    SELECT
        person_snapshot.family_id,
        person_snapshot.snapshot_year,
        count(*) AS n_persons
    FROM core.person_snapshot
    WHERE
        person_snapshot.family_id IS NOT NULL
        AND list_contains(getvariable('years_at_risk'), person_snapshot.snapshot_year + 1)
    GROUP BY person_snapshot.family_id, person_snapshot.snapshot_year
)

SELECT
    person_snapshot.person_id,
    person_snapshot.snapshot_year + 1 AS year,
    CASE WHEN family.n_persons = 1 THEN 'yes' ELSE 'no' END AS level
FROM core.person_snapshot
INNER JOIN family
    ON
        person_snapshot.family_id = family.family_id
        AND person_snapshot.snapshot_year = family.snapshot_year
