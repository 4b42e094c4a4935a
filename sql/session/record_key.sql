-- object: session.record_key
-- grain: one value
-- key: none
-- units: none
-- source: formula
-- reads: none
-- caveat: a macro of the connection that builds core and mart, not of the database; of pseudonyms of
--   twelve of the letters 0-9, A-Z, a-z

-- The linter cannot parse TEMP MACRO.
-- noqa: disable=all
-- Record key of a person, 0 to 62^4 - 1: the last four characters of the pseudonym, base 62.
CREATE OR REPLACE TEMP MACRO record_key(person_id) AS
    CAST(
        (strpos(getvariable('record_letters'), substr(person_id, 9, 1)) - 1) * 238328
        + (strpos(getvariable('record_letters'), substr(person_id, 10, 1)) - 1) * 3844
        + (strpos(getvariable('record_letters'), substr(person_id, 11, 1)) - 1) * 62
        + (strpos(getvariable('record_letters'), substr(person_id, 12, 1)) - 1)
        AS INTEGER
    );
