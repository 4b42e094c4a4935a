-- object: result.calibration
-- grain: one row per figure of the sources
-- key: run_id, figure
-- units: column unit
-- source: the generator's comparison of its country with the sources' figures
-- reads: none
-- caveat: synthetic runs only; says how like Denmark the synthetic country is, nothing about Denmark
-- disclosure: public

CREATE TABLE result.calibration (
    run_id VARCHAR NOT NULL,
    figure VARCHAR NOT NULL,
    figure_order INTEGER NOT NULL,
    label VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    target DOUBLE,
    generated DOUBLE,
    tolerance DOUBLE,
    allowed_low DOUBLE,
    allowed_high DOUBLE,
    verdict VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    note VARCHAR,
    PRIMARY KEY (run_id, figure)
);

COMMENT ON TABLE result.calibration IS
'The synthetic country beside the figures that sources state about Denmark.';
COMMENT ON COLUMN result.calibration.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.calibration.figure IS
'Name of the figure in synthetic_data/calibration_figures.toml.';
COMMENT ON COLUMN result.calibration.figure_order IS 'Place of the figure in that file, from 1.';
COMMENT ON COLUMN result.calibration.label IS 'The figure in words.';
COMMENT ON COLUMN result.calibration.unit IS 'Unit of target, generated and the limits.';
COMMENT ON COLUMN result.calibration.target IS 'What the source states, for the whole country.';
COMMENT ON COLUMN result.calibration.generated IS
'What the synthetic country shows, at the size of the whole country; null where not measured.';
COMMENT ON COLUMN result.calibration.tolerance IS
'How far from the target is near enough: a share of it, or for shares in the unit itself.';
COMMENT ON COLUMN result.calibration.allowed_low IS
'Target less tolerance and two standard errors of the generated figure; null for no limit.';
COMMENT ON COLUMN result.calibration.allowed_high IS
'Target plus tolerance and two standard errors of the generated figure; null for no limit.';
COMMENT ON COLUMN result.calibration.verdict IS
'inside, outside; other_years: the country lacks the years; not_compared: see the note; not_measured: files that cannot be read.';
COMMENT ON COLUMN result.calibration.source IS 'Who states the figure.';
COMMENT ON COLUMN result.calibration.note IS 'What to know about the figure, one sentence.';
