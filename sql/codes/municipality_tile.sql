-- object: codes.municipality_tile
-- grain: one row per municipality
-- key: municipality_code
-- units: tiles
-- source: pipeline/codes/municipality_tile.csv
-- reads: none
-- caveat: a drawing of our own, laid out about as the municipalities lie; no borders

CREATE TABLE codes.municipality_tile (
    municipality_code VARCHAR NOT NULL,
    tile_column INTEGER NOT NULL,
    tile_row INTEGER NOT NULL,
    short_name VARCHAR NOT NULL
);

COMMENT ON TABLE codes.municipality_tile IS 'Where each municipality lies on the schematic map.';
COMMENT ON COLUMN codes.municipality_tile.municipality_code IS 'Municipality, three digits.';
COMMENT ON COLUMN codes.municipality_tile.tile_column IS 'Column, 0 furthest west.';
COMMENT ON COLUMN codes.municipality_tile.tile_row IS 'Row, 0 furthest north.';
COMMENT ON COLUMN codes.municipality_tile.short_name IS 'Name as the tile has room for it.';
