-- object: result.forecast
-- grain: one row per outcome, model within, of questions with two years or more
-- key: run_id, outcome, model
-- units: log O/E per log O/E forecast
-- source: pipeline.model.tables.forecast, through pipeline.disclosure
-- reads: none
-- caveat: below 1: part of what was measured does not last; the composition's weights are those of the whole window
-- disclosure: counts

CREATE TABLE result.forecast (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    n_municipalities INTEGER NOT NULL,
    slope DOUBLE NOT NULL,
    slope_low DOUBLE NOT NULL,
    slope_high DOUBLE NOT NULL,
    PRIMARY KEY (run_id, outcome, model)
);

COMMENT ON TABLE result.forecast IS
'Slope of a year''s grants on what shrunken practice of the years before it says: 1 where practice lasts.';
COMMENT ON COLUMN result.forecast.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.forecast.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.forecast.model IS
'pooled: no municipality terms; within: one dummy per municipality; conditions: framework conditions too; no_health: within, without health factors.';
COMMENT ON COLUMN result.forecast.year IS 'The year that is forecast.';
COMMENT ON COLUMN result.forecast.n_municipalities IS 'Municipalities that take part.';
COMMENT ON COLUMN result.forecast.slope IS
'Change of the year''s observed against expected per change forecast; 1 where practice lasts.';
COMMENT ON COLUMN result.forecast.slope_low IS 'Lower limit at the level in result.setting.';
COMMENT ON COLUMN result.forecast.slope_high IS 'Upper limit at the level in result.setting.';
