-- object: result.mover
-- grain: one row per outcome, model within, where enough have moved
-- key: run_id, outcome, model
-- units: log O/E per log O/E; expected in grants
-- source: pipeline.model.followups.movers, through pipeline.disclosure
-- reads: none
-- caveat: who moves need not be like who stays; those who changed municipality in the five years before the year at risk
-- disclosure: counts

CREATE TABLE result.mover (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    expected DOUBLE NOT NULL,
    destination_slope DOUBLE NOT NULL,
    destination_slope_low DOUBLE NOT NULL,
    destination_slope_high DOUBLE NOT NULL,
    origin_slope DOUBLE NOT NULL,
    origin_slope_low DOUBLE NOT NULL,
    origin_slope_high DOUBLE NOT NULL,
    PRIMARY KEY (run_id, outcome, model)
);

COMMENT ON TABLE result.mover IS
'Slopes of movers'' grants on the practice of where they live and of where they came from: 1 and 0 where it is practice, 0 and 1 where it is the citizens'' health.';
COMMENT ON COLUMN result.mover.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.mover.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.mover.model IS
'pooled: no municipality terms; within: one dummy per municipality; conditions: framework conditions too; no_health: within, without health factors.';
COMMENT ON COLUMN result.mover.expected IS
'Grants expected of citizens who moved, at national practice.';
COMMENT ON COLUMN result.mover.destination_slope IS
'Change of movers'' observed against expected per change of practice where they live; 1 where it is the municipality''s.';
COMMENT ON COLUMN result.mover.destination_slope_low IS
'Lower limit at the level in result.setting.';
COMMENT ON COLUMN result.mover.destination_slope_high IS
'Upper limit at the level in result.setting.';
COMMENT ON COLUMN result.mover.origin_slope IS
'Change of movers'' observed against expected per change of practice where they came from; 1 where it is the citizens'' health.';
COMMENT ON COLUMN result.mover.origin_slope_low IS 'Lower limit at the level in result.setting.';
COMMENT ON COLUMN result.mover.origin_slope_high IS 'Upper limit at the level in result.setting.';
