-- object: codes.socio_status
-- grain: one row per range of codes
-- key: socio_first
-- units: none
-- source: pipeline/codes/socio_status.csv
-- reads: none
-- caveat: ranges do not overlap; those from memory are to be checked

CREATE TABLE codes.socio_status (
    socio_first VARCHAR NOT NULL,
    socio_last VARCHAR NOT NULL,
    labour_market_status VARCHAR NOT NULL,
    description_da VARCHAR NOT NULL,
    description_en VARCHAR NOT NULL,
    source VARCHAR NOT NULL
);

COMMENT ON TABLE codes.socio_status IS 'Socio-economic classification (SOCIO13) by range.';
COMMENT ON COLUMN codes.socio_status.socio_first IS 'First code of the range.';
COMMENT ON COLUMN codes.socio_status.socio_last IS 'Last code of the range.';
COMMENT ON COLUMN codes.socio_status.labour_market_status IS 'Status in words.';
COMMENT ON COLUMN codes.socio_status.description_da IS 'Danish name.';
COMMENT ON COLUMN codes.socio_status.description_en IS 'English name.';
COMMENT ON COLUMN codes.socio_status.source IS 'Where the code is from; to be checked if memory.';
