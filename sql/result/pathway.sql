-- object: result.pathway
-- grain: one row per outcome, method, area and pathway
-- key: run_id, outcome, method, area_code, pathway
-- units: grants, shares 0-1
-- source: pipeline.model, through pipeline.disclosure
-- reads: none
-- caveat: expected is the benchmark's by tenure on cash benefit times the pathway's share among the country's grants of that tenure; grants whose five years DREAM does not cover are left out; a pathway is a description of what came before, no cause
-- disclosure: counts

CREATE TABLE result.pathway (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    method VARCHAR NOT NULL,
    area_code VARCHAR NOT NULL,
    pathway VARCHAR NOT NULL,
    n_grants BIGINT,
    expected DOUBLE NOT NULL,
    noise_sd DOUBLE,
    ratio DOUBLE,
    ratio_low DOUBLE,
    ratio_high DOUBLE,
    share DOUBLE,
    share_low DOUBLE,
    share_high DOUBLE,
    is_suppressed BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, outcome, method, area_code, pathway)
);

COMMENT ON TABLE result.pathway IS
'Grants by pathway: the type of the five years of weekly states before them, observed and expected by area.';
COMMENT ON COLUMN result.pathway.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.pathway.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.pathway.method IS
'clusters: the nearest type of courses; rules: the first rule of codes.pathway that holds.';
COMMENT ON COLUMN result.pathway.area_code IS
'000 the whole country, 081 to 085 the regions, else the municipality, three digits.';
COMMENT ON COLUMN result.pathway.pathway IS 'Pathway to the grant; codes.pathway names it.';
COMMENT ON COLUMN result.pathway.n_grants IS
'Grants by the pathway, with noise; null when withheld.';
COMMENT ON COLUMN result.pathway.expected IS
'Grants expected at national practice, given who lives there (forventet antal).';
COMMENT ON COLUMN result.pathway.noise_sd IS
'Standard deviation of the noise that protects observed; 0 where it is exact.';
COMMENT ON COLUMN result.pathway.ratio IS
'Observed over expected (O/E); null where nothing is expected or the count is withheld.';
COMMENT ON COLUMN result.pathway.ratio_low IS
'Lower limit of ratio at the level in result.setting.';
COMMENT ON COLUMN result.pathway.ratio_high IS
'Upper limit of ratio at the level in result.setting.';
COMMENT ON COLUMN result.pathway.share IS 'Share of the counts shown, 0-1.';
COMMENT ON COLUMN result.pathway.share_low IS 'Lower limit of share, noise included.';
COMMENT ON COLUMN result.pathway.share_high IS 'Upper limit of share, noise included.';
COMMENT ON COLUMN result.pathway.is_suppressed IS
'Whether disclosure control withholds the count and what would reveal it.';
