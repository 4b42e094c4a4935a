-- object: result.temporary
-- grain: one row per outcome and municipality
-- key: run_id, outcome, municipality_code
-- units: log odds
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: of the main model; without applications that are not decided the queue is told from how long decided cases have waited beyond the municipality's usual; either way slower work without a queue looks like one
-- disclosure: counts

CREATE TABLE result.temporary (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    practice_effect DOUBLE,
    temporary DOUBLE,
    temporary_low DOUBLE,
    temporary_high DOUBLE,
    lasting DOUBLE,
    lasting_low DOUBLE,
    lasting_high DOUBLE,
    earlier DOUBLE,
    earlier_low DOUBLE,
    earlier_high DOUBLE,
    n_years INTEGER NOT NULL,
    rank INTEGER,
    rank_lasting INTEGER,
    is_temporary BOOLEAN NOT NULL,
    is_stock_seen BOOLEAN,
    PRIMARY KEY (run_id, outcome, municipality_code)
);

COMMENT ON TABLE result.temporary IS
'The part of each municipality''s deviation that a queue makes for a while, and the part that lasts.';
COMMENT ON COLUMN result.temporary.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.temporary.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.temporary.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN result.temporary.practice_effect IS
'Municipal practice in log odds against national practice; null where no grant was observed or when withheld.';
COMMENT ON COLUMN result.temporary.temporary IS
'What a queue adds to the deviation of the window: below 0 it grew, above 0 it was cleared. Null where there are too few decisions.';
COMMENT ON COLUMN result.temporary.temporary_low IS 'Lower limit at the level in result.setting.';
COMMENT ON COLUMN result.temporary.temporary_high IS 'Upper limit at the level in result.setting.';
COMMENT ON COLUMN result.temporary.lasting IS 'The practice effect without the temporary part.';
COMMENT ON COLUMN result.temporary.lasting_low IS 'Lower limit at the level in result.setting.';
COMMENT ON COLUMN result.temporary.lasting_high IS 'Upper limit at the level in result.setting.';
COMMENT ON COLUMN result.temporary.earlier IS
'Practice in the years before the window, by the country''s rate of each year and the composition of the window.';
COMMENT ON COLUMN result.temporary.earlier_low IS 'Lower limit at the level in result.setting.';
COMMENT ON COLUMN result.temporary.earlier_high IS 'Upper limit at the level in result.setting.';
COMMENT ON COLUMN result.temporary.n_years IS 'Years before the window that take part.';
COMMENT ON COLUMN result.temporary.rank IS
'Rank of practice_effect; 1 is fewest granted relative to expectation; ties share the lowest.';
COMMENT ON COLUMN result.temporary.rank_lasting IS
'Rank with the temporary part out; 1 grants fewest.';
COMMENT ON COLUMN result.temporary.is_temporary IS
'The temporary part is 3 percent at least and beyond chance; of those called so one in twenty at most is chance (Benjamini-Hochberg).';
COMMENT ON COLUMN result.temporary.is_stock_seen IS
'The queue is seen from applications that are not decided; else it is implied by how long decided cases waited.';
