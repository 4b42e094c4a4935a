-- object: codes.outcome
-- grain: one row per outcome
-- key: outcome
-- units: weeks
-- source: pipeline/codes/outcome.csv
-- reads: none
-- caveat: lists are parted by blanks

CREATE TABLE codes.outcome (
    outcome VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    case_type VARCHAR,
    states VARCHAR,
    weeks INTEGER,
    parts VARCHAR,
    fallback VARCHAR,
    priority INTEGER NOT NULL,
    name_da VARCHAR NOT NULL,
    name_en VARCHAR NOT NULL,
    description_da VARCHAR NOT NULL,
    description_en VARCHAR NOT NULL
);

COMMENT ON TABLE codes.outcome IS 'What can be benchmarked: events of persons, each counted once.';
COMMENT ON COLUMN codes.outcome.outcome IS 'Outcome.';
COMMENT ON COLUMN codes.outcome.rule IS
'decision: first grant of case_type; weeks: passes so many weeks in states; spell: the same in one unbroken run; first_of: the first of parts.';
COMMENT ON COLUMN codes.outcome.case_type IS 'Case type of the decisions that count.';
COMMENT ON COLUMN codes.outcome.states IS
'Benefit states that count, or that end the risk of an outcome by decision.';
COMMENT ON COLUMN codes.outcome.weeks IS 'Weeks to pass; 0 is the first week.';
COMMENT ON COLUMN codes.outcome.parts IS 'Outcomes of which the first counts.';
COMMENT ON COLUMN codes.outcome.fallback IS
'dream: the first week in states stands in where no grant of case_type was delivered.';
COMMENT ON COLUMN codes.outcome.priority IS 'Lower comes first among parts on one date.';
COMMENT ON COLUMN codes.outcome.name_da IS 'Name in Danish.';
COMMENT ON COLUMN codes.outcome.name_en IS 'Name in English.';
COMMENT ON COLUMN codes.outcome.description_da IS 'What counts, in Danish.';
COMMENT ON COLUMN codes.outcome.description_en IS 'What counts, in English.';
