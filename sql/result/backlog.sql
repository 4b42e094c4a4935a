-- object: result.backlog
-- grain: one row per outcome, municipality and month
-- key: run_id, outcome, municipality_code, year, month
-- units: cases, days
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: without the optional register of applications only decided cases are known, so that the last months lack whoever still waits; of the window and two years before
-- disclosure: counts

CREATE TABLE result.backlog (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    municipality_code VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    month INTEGER NOT NULL,
    n_applications BIGINT,
    n_decisions BIGINT,
    n_pending BIGINT,
    mean_days DOUBLE,
    is_suppressed BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, outcome, municipality_code, year, month)
);

COMMENT ON TABLE result.backlog IS
'Applications, decisions and pending cases of each municipality by month, and how old what is decided is.';
COMMENT ON COLUMN result.backlog.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.backlog.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.backlog.municipality_code IS
'Municipality, three digits, as of 1 January 2007.';
COMMENT ON COLUMN result.backlog.year IS 'Calendar year of the month.';
COMMENT ON COLUMN result.backlog.month IS 'Month, 1 to 12.';
COMMENT ON COLUMN result.backlog.n_applications IS
'Cases begun in the month, decided since or waiting where those are delivered, with noise.';
COMMENT ON COLUMN result.backlog.n_decisions IS 'Cases decided in the month, with noise.';
COMMENT ON COLUMN result.backlog.n_pending IS
'Cases begun by the end of the month and not decided by then, with noise.';
COMMENT ON COLUMN result.backlog.mean_days IS
'Mean days from application to decision of what is decided in the month.';
COMMENT ON COLUMN result.backlog.is_suppressed IS
'Whether disclosure control withholds the count and what would reveal it.';
