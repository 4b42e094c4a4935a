-- object: factor.western_origin
-- place: 24
-- title: Vestlig oprindelse / Western origin
-- levels: danish = Dansk oprindelse / Danish origin; western = Vestlig oprindelse / Western origin;
--   non_western = Ikke-vestlig oprindelse / Non-western origin
-- reference: danish
-- lookback: none
-- health: no
-- source: Statistics Denmark, BEF
-- reads: core.person_snapshot
-- caveat: by country of origin, whether immigrant or descendant; codes of western countries from
--   memory, to be checked against Statistics Denmark's list

SELECT
    person_snapshot.person_id,
    person_snapshot.snapshot_year + 1 AS year,
    CASE
        WHEN person_snapshot.origin = 'danish' THEN 'danish'
        -- The Nordic countries, the EU, Great Britain, Switzerland, North America and Oceania.
        WHEN
            person_snapshot.country_of_origin_code IN (
                '5102', '5104', '5106', '5108', '5110', '5114', '5116', '5118', '5120', '5126',
                '5128', '5130', '5134', '5140', '5142', '5150', '5154', '5156', '5158', '5159',
                '5160', '5164', '5170', '5174', '5176', '5180', '5182', '5309', '5390', '5502',
                '5514', '5607', '5609', '5611'
            )
            THEN 'western'
        ELSE 'non_western'
    END AS level
FROM core.person_snapshot
WHERE list_contains(getvariable('years_at_risk'), person_snapshot.snapshot_year + 1)
