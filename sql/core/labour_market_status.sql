-- object: core.labour_market_status
-- grain: one row per person and year
-- key: person_id, status_year
-- units: none
-- source: Statistics Denmark, AKM
-- reads: raw.akm, codes.socio_status
-- caveat: a view; empty when the register was not delivered; a code in no range is unknown

CREATE VIEW core.labour_market_status AS
SELECT
    akm.PNR AS person_id,
    akm.FILE_YEAR AS status_year,
    akm.SOCIO13 AS socio_code,
    coalesce(socio_status.labour_market_status, 'unknown') AS labour_market_status
FROM raw.akm
LEFT JOIN codes.socio_status
    ON akm.SOCIO13 BETWEEN socio_status.socio_first AND socio_status.socio_last;

COMMENT ON VIEW core.labour_market_status IS 'Main attachment to the labour market per year.';
COMMENT ON COLUMN core.labour_market_status.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN core.labour_market_status.status_year IS 'Year of the status.';
COMMENT ON COLUMN core.labour_market_status.socio_code IS 'SOCIO13, three digits.';
COMMENT ON COLUMN core.labour_market_status.labour_market_status IS
'Status of the code list socio_status; unknown when in no range.';
