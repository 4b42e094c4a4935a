-- object: meta.source
-- grain: one row
-- key: none
-- units: none
-- source: synthetic.json of the extracts folder; pipeline.warehouse.marts.load
-- reads: none
-- caveat: seed and what follows are null on real extracts

CREATE TABLE meta.source (
    is_synthetic BOOLEAN NOT NULL,
    input_hash VARCHAR NOT NULL,
    years_at_risk INTEGER[] NOT NULL,
    seed BIGINT,
    scale DOUBLE,
    first_year INTEGER,
    last_year INTEGER,
    scenario VARCHAR,
    generator_version VARCHAR
);

COMMENT ON TABLE meta.source IS 'Where the data come from.';
COMMENT ON COLUMN meta.source.is_synthetic IS 'True when made by the generator (SYNTETISKE DATA).';
COMMENT ON COLUMN meta.source.input_hash IS 'SHA-256 over the names and hashes of the files.';
COMMENT ON COLUMN meta.source.years_at_risk IS 'Years at risk the mart was built for.';
COMMENT ON COLUMN meta.source.seed IS 'Seed of the generator.';
COMMENT ON COLUMN meta.source.scale IS 'Share of the country generated, 0-1.';
COMMENT ON COLUMN meta.source.first_year IS 'First year generated.';
COMMENT ON COLUMN meta.source.last_year IS 'Last year generated.';
COMMENT ON COLUMN meta.source.scenario IS 'Scenario of the generator.';
COMMENT ON COLUMN meta.source.generator_version IS 'Version of the generator.';
