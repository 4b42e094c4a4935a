-- object: result.run
-- grain: one row per benchmark of the release, and per year of one that asks for each year
-- key: run_id
-- units: times in UTC
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: run_id tells the runs of a release apart in every table; views and front page take the first
-- disclosure: public

CREATE TABLE result.run (
    run_id VARCHAR NOT NULL,
    run_order INTEGER NOT NULL,
    benchmark VARCHAR NOT NULL,
    years VARCHAR NOT NULL,
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
    settings VARCHAR NOT NULL,
    PRIMARY KEY (run_id)
);

COMMENT ON TABLE result.run IS 'What was run, on what, by which code.';
COMMENT ON COLUMN result.run.run_id IS 'Identifier of the run.';
COMMENT ON COLUMN result.run.run_order IS
'Order in the release, from 1: views and the front page are of the first.';
COMMENT ON COLUMN result.run.benchmark IS 'Benchmark answered, e.g. akf_2006_2007.';
COMMENT ON COLUMN result.run.years IS 'Years at risk, with commas between.';
COMMENT ON COLUMN result.run.started_at IS 'Start of the run, UTC.';
COMMENT ON COLUMN result.run.finished_at IS 'End of the fit, UTC.';
COMMENT ON COLUMN result.run."window" IS 'Older name of benchmark.';
COMMENT ON COLUMN result.run.scale IS
'Share of the country that was generated; null on real extracts.';
COMMENT ON COLUMN result.run.seed IS 'Seed of every random draw in the run.';
COMMENT ON COLUMN result.run.is_synthetic IS
'True when the data come from the generator (SYNTETISKE DATA).';
COMMENT ON COLUMN result.run.input_hash IS
'SHA-256 over the names and contents of the input files.';
COMMENT ON COLUMN result.run.settings_hash IS 'SHA-256 over the settings that affect numbers.';
COMMENT ON COLUMN result.run.code_version IS 'Version of Tildeling and, where known, its commit.';
COMMENT ON COLUMN result.run.status IS
'published: of the night that made the release; backfilled: made for years on their own, and carried on by later nights.';
COMMENT ON COLUMN result.run.settings IS
'Settings and declaration in force when the fit began, as JSON text.';
