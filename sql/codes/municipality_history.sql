-- object: codes.municipality_history
-- grain: one row per former municipality, period and municipality of 2007 that it went into
-- key: municipality_code, valid_from, successor_code
-- units: share
-- source: pipeline/codes/municipality_history.csv
-- reads: none
-- caveat: shares of the 13 municipalities that were split are rounded and from memory

CREATE TABLE codes.municipality_history (
    municipality_code VARCHAR NOT NULL,
    municipality_name VARCHAR NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE NOT NULL,
    successor_code VARCHAR NOT NULL,
    successor_share DOUBLE NOT NULL,
    source VARCHAR NOT NULL
);

COMMENT ON TABLE codes.municipality_history IS 'Municipalities before 1 January 2007.';
COMMENT ON COLUMN codes.municipality_history.municipality_code IS 'Municipality, three digits.';
COMMENT ON COLUMN codes.municipality_history.municipality_name IS 'Name in Danish.';
COMMENT ON COLUMN codes.municipality_history.valid_from IS 'First day the code was valid.';
COMMENT ON COLUMN codes.municipality_history.valid_to IS 'Last day the code was valid.';
COMMENT ON COLUMN codes.municipality_history.successor_code IS
'Municipality of 2007 that it, or a part of it, is in.';
COMMENT ON COLUMN codes.municipality_history.successor_share IS
'Share of its residents in that part; 1 unless it was split.';
COMMENT ON COLUMN codes.municipality_history.source IS 'Where the row comes from.';
