-- object: codes.factor_band
-- grain: one row per factor whose levels are bands of a number
-- key: factor
-- units: as in unit_en
-- source: the headers of sql/factor
-- reads: none
-- caveat: ordinary edges; a benchmark may declare others

CREATE TABLE codes.factor_band (
    factor VARCHAR NOT NULL,
    style VARCHAR NOT NULL,
    edges VARCHAR NOT NULL,
    unit_da VARCHAR NOT NULL,
    unit_en VARCHAR NOT NULL
);

COMMENT ON TABLE codes.factor_band IS 'Factors whose levels are bands, and where they are cut.';
COMMENT ON COLUMN codes.factor_band.factor IS 'Model factor.';
COMMENT ON COLUMN codes.factor_band.style IS
'from: an edge is the first value of the band above; above: the last of the band below.';
COMMENT ON COLUMN codes.factor_band.edges IS 'Ordinary edges, parted by blanks.';
COMMENT ON COLUMN codes.factor_band.unit_da IS 'Unit in Danish.';
COMMENT ON COLUMN codes.factor_band.unit_en IS 'Unit in English.';
