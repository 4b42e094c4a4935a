-- object: core.settlement_week
-- grain: one row per register of primary care and week in which it settled services
-- key: register, week_code
-- units: none
-- source: Sundhedsdatastyrelsen, SSSY; Statistics Denmark, SYSI
-- reads: raw.sssy, raw.sysi
-- caveat: of a year that both registers report SYSI counts to 2004 and SSSY from 2005

-- A few hundred weeks, so their text is taken apart once and not for every contact.
CREATE TABLE core.settlement_week AS
WITH delivered_week AS (
    SELECT DISTINCT
        'sssy' AS register,
        sssy.HONUGE AS week_code
    FROM raw.sssy
    UNION ALL
    SELECT DISTINCT
        'sysi' AS register,
        sysi.HONUGE AS week_code
    FROM raw.sysi
),

settled AS (
    SELECT
        delivered_week.register,
        delivered_week.week_code,
        CASE WHEN delivered_week.week_code >= '90' THEN 1900 ELSE 2000 END
        + CAST(delivered_week.week_code[1:2] AS INTEGER) AS iso_year,
        CAST(delivered_week.week_code[3:4] AS INTEGER) AS iso_week
    FROM delivered_week
),

-- Years that only one of the registers reports are counted from that one.
doubled AS (
    SELECT settled.iso_year
    FROM settled
    GROUP BY settled.iso_year
    HAVING count(DISTINCT settled.register) > 1
)

SELECT
    settled.register,
    settled.week_code,
    settled.iso_year,
    settled.iso_week,
    doubled.iso_year IS NULL
    OR settled.register = CASE WHEN settled.iso_year < 2005 THEN 'sysi' ELSE 'sssy' END
        AS is_counted
FROM settled
LEFT JOIN doubled ON settled.iso_year = doubled.iso_year
ORDER BY settled.register, settled.iso_year, settled.iso_week;

COMMENT ON TABLE core.settlement_week IS 'The weeks that registers of primary care are dated by.';
COMMENT ON COLUMN core.settlement_week.register IS 'sssy or sysi.';
COMMENT ON COLUMN core.settlement_week.week_code IS 'HONUGE as delivered, YYWW.';
COMMENT ON COLUMN core.settlement_week.iso_year IS 'ISO year of the week of settlement.';
COMMENT ON COLUMN core.settlement_week.iso_week IS 'ISO week of settlement, 1-53.';
COMMENT ON COLUMN core.settlement_week.is_counted IS
'Whether the register is the one that counts in the year.';
