-- object: codes.state_group
-- grain: one row per group of benefit states
-- key: state_group
-- units: none
-- source: pipeline/codes/state_group.csv
-- reads: none
-- caveat: lists are parted by blanks; none is a week without any benefit, mostly work

CREATE TABLE codes.state_group (
    state_group VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    benefit_states VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    name_da VARCHAR NOT NULL,
    name_en VARCHAR NOT NULL
);

COMMENT ON TABLE codes.state_group IS
'Groups of benefit states in which courses of persons are told; every state is in one.';
COMMENT ON COLUMN codes.state_group.state_group IS 'Group of states.';
COMMENT ON COLUMN codes.state_group.position IS 'Place in lists and drawings.';
COMMENT ON COLUMN codes.state_group.benefit_states IS
'Benefit states of the group, as in codes.benefit_code.';
COMMENT ON COLUMN codes.state_group.kind IS
'What it is to those at high risk of a grant: granted, waiting, self_supporting or elsewhere.';
COMMENT ON COLUMN codes.state_group.name_da IS 'Name in Danish.';
COMMENT ON COLUMN codes.state_group.name_en IS 'Name in English.';
