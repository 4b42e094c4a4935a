-- object: analysis.release_now
-- database: benchmark
-- grain: one row
-- key: run_id
-- units: none
-- source: result
-- reads: now.run
-- caveat: none

CREATE VIEW analysis.release_now AS
SELECT
    run.run_id,
    run.finished_at,
    run."window" AS window_name,
    run.years,
    CASE WHEN run.is_synthetic THEN 'SYNTETISKE DATA' ELSE 'register extracts' END AS data,
    run.code_version
FROM now.run AS run;

COMMENT ON VIEW analysis.release_now IS
'Which run made this release, and whether its data are synthetic.';
COMMENT ON COLUMN analysis.release_now.run_id IS
'Run that made the release.';
COMMENT ON COLUMN analysis.release_now.finished_at IS
'When it finished, UTC.';
COMMENT ON COLUMN analysis.release_now.window_name IS
'Question by name; result.run calls it "window", a reserved word that needs its quotes.';
COMMENT ON COLUMN analysis.release_now.years IS
'Years at risk.';
COMMENT ON COLUMN analysis.release_now.data IS
'SYNTETISKE DATA, or register extracts.';
COMMENT ON COLUMN analysis.release_now.code_version IS
'Version of Tildeling.';
