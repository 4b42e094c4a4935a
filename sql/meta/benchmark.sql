-- object: meta.benchmark
-- grain: one row per benchmark loaded
-- key: position
-- units: none
-- source: pipeline.warehouse.marts.questions
-- reads: none
-- caveat: what a benchmark shares with an earlier one is a view in its schema

CREATE TABLE meta.benchmark (
    "position" INTEGER NOT NULL,
    benchmark VARCHAR NOT NULL,
    schema_name VARCHAR NOT NULL,
    years_at_risk INTEGER[] NOT NULL
);

COMMENT ON TABLE meta.benchmark IS 'Benchmarks that the registers were loaded for.';
COMMENT ON COLUMN meta.benchmark."position" IS 'Order in which they were asked for, from 1.';
COMMENT ON COLUMN meta.benchmark.benchmark IS 'Name of the benchmark.';
COMMENT ON COLUMN meta.benchmark.schema_name IS 'Schema with its risk set and model cells.';
COMMENT ON COLUMN meta.benchmark.years_at_risk IS 'Its years at risk.';
