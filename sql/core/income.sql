-- object: core.income
-- grain: one row per person and year
-- key: person_id, income_year
-- units: kr. of the year
-- source: Statistics Denmark, IND
-- reads: raw.ind
-- caveat: a view; empty when the register was not delivered

CREATE VIEW core.income AS
SELECT
    ind.PNR AS person_id,
    ind.FILE_YEAR AS income_year,
    ind.PERINDKIALT_13 AS total_income_dkk,
    ind.LOENMV_13 AS wage_income_dkk
FROM raw.ind;

COMMENT ON VIEW core.income IS 'Income per person and year.';
COMMENT ON COLUMN core.income.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN core.income.income_year IS 'Year of income.';
COMMENT ON COLUMN core.income.total_income_dkk IS 'Personal income in all before tax.';
COMMENT ON COLUMN core.income.wage_income_dkk IS 'Wages, with benefits in kind and holiday pay.';
