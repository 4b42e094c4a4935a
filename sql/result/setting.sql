-- object: result.setting
-- grain: one row per run and setting that decides a number or what may be shown
-- key: run_id, setting
-- units: as described
-- source: pipeline.settings
-- reads: none
-- caveat: settings and declaration in force when the fit began
-- disclosure: public

CREATE TABLE result.setting (
    run_id VARCHAR NOT NULL,
    setting VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    description VARCHAR NOT NULL,
    PRIMARY KEY (run_id, setting)
);

COMMENT ON TABLE result.setting IS
'Settings that decide the numbers of a run and what is withheld; result.run has their hash.';
COMMENT ON COLUMN result.setting.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.setting.setting IS 'Name of the setting, as in tildeling.toml.';
COMMENT ON COLUMN result.setting.value IS 'Value of the setting, as JSON text.';
COMMENT ON COLUMN result.setting.description IS 'What the setting means, with its unit.';
