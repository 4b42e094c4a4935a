-- object: codes.pathway
-- grain: one row per pathway to a grant
-- key: pathway
-- units: weeks, returns
-- source: pipeline/codes/pathway.csv, in the manner of "Veje til førtidspension" (2012)
-- reads: none
-- caveat: the first rule in order that holds places a person; the source clustered courses, and so do
--   we: the rules name the clusters and stand in where there are none

CREATE TABLE codes.pathway (
    pathway VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    measure VARCHAR NOT NULL,
    benefit_states VARCHAR,
    at_least INTEGER,
    name_da VARCHAR NOT NULL,
    name_en VARCHAR NOT NULL,
    description_da VARCHAR NOT NULL,
    description_en VARCHAR NOT NULL
);

COMMENT ON TABLE codes.pathway IS 'Pathways to a grant, by rules on the five years before it.';
COMMENT ON COLUMN codes.pathway.pathway IS 'Pathway.';
COMMENT ON COLUMN codes.pathway.position IS 'Order in which the rules are tried.';
COMMENT ON COLUMN codes.pathway.measure IS
'weeks in benefit_states, returns to benefit_states for eight weeks or more, or rest.';
COMMENT ON COLUMN codes.pathway.benefit_states IS 'Benefit states that count; none is no benefit.';
COMMENT ON COLUMN codes.pathway.at_least IS 'Smallest measure that fulfils the rule.';
COMMENT ON COLUMN codes.pathway.name_da IS 'Name in Danish.';
COMMENT ON COLUMN codes.pathway.name_en IS 'Name in English.';
COMMENT ON COLUMN codes.pathway.description_da IS 'The rule in Danish.';
COMMENT ON COLUMN codes.pathway.description_en IS 'The rule in English.';
