-- object: codes.reform
-- grain: one row per dated reform or event
-- key: reform
-- units: none
-- source: pipeline/codes/reform.csv
-- reads: none
-- caveat: those that the sources name; a day, a month or a year, as far as it is known

CREATE TABLE codes.reform (
    reform VARCHAR NOT NULL,
    since VARCHAR NOT NULL,
    name_da VARCHAR NOT NULL,
    name_en VARCHAR NOT NULL,
    source VARCHAR NOT NULL
);

COMMENT ON TABLE codes.reform IS
'Reforms and events that the sources date, to be seen beside grants by year.';
COMMENT ON COLUMN codes.reform.reform IS 'Reform.';
COMMENT ON COLUMN codes.reform.since IS 'ISO day, month or year from which it holds.';
COMMENT ON COLUMN codes.reform.name_da IS 'Name in Danish.';
COMMENT ON COLUMN codes.reform.name_en IS 'Name in English.';
COMMENT ON COLUMN codes.reform.source IS 'Where the date is from; from memory: to be checked.';
