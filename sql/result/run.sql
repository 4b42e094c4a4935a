-- object: result.run
-- grain: one row per run
-- key: run_id
-- units: times in UTC
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: one run per release
-- disclosure: public

CREATE TABLE result.run (
    run_id VARCHAR NOT NULL,
    started_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP,
    "window" VARCHAR NOT NULL,
    scale DOUBLE,
    seed BIGINT NOT NULL,
    is_synthetic BOOLEAN NOT NULL,
    input_hash VARCHAR NOT NULL,
    settings_hash VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    PRIMARY KEY (run_id)
);

COMMENT ON TABLE result.run IS 'What was run, on what, by which code.';
COMMENT ON COLUMN result.run.run_id IS 'Identifier of the run.';
COMMENT ON COLUMN result.run.started_at IS 'Start of the run, UTC.';
COMMENT ON COLUMN result.run.finished_at IS 'End of the fit, UTC.';
COMMENT ON COLUMN result.run."window" IS 'Named window of years, e.g. akf_2006_2007.';
COMMENT ON COLUMN result.run.scale IS
'Share of the country that was generated; null on real extracts.';
COMMENT ON COLUMN result.run.seed IS 'Seed of every random draw in the run.';
COMMENT ON COLUMN result.run.is_synthetic IS
'True when the data come from the generator (SYNTETISKE DATA).';
COMMENT ON COLUMN result.run.input_hash IS
'SHA-256 over the names and contents of the input files.';
COMMENT ON COLUMN result.run.settings_hash IS 'SHA-256 over the settings that affect numbers.';
COMMENT ON COLUMN result.run.code_version IS 'Version of Tildeling and, where known, its commit.';
COMMENT ON COLUMN result.run.status IS 'published once the release passed its checks.';
