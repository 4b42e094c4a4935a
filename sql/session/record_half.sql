-- object: session.record_half
-- grain: one value
-- key: none
-- units: none
-- source: formula
-- reads: none
-- caveat: a macro of the connection that builds core and mart, not of the database

-- The linter cannot parse TEMP MACRO.
-- noqa: disable=all
-- The half of the citizens that a record key belongs to, 0 or 1, by its third character: what is
-- formed on one half is measured on the other.
CREATE OR REPLACE TEMP MACRO record_half(key) AS CAST(key // 62 % 2 AS INTEGER);
