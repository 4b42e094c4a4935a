-- object: result.life_risk
-- grain: one row per outcome, clock, area and band
-- key: run_id, outcome, clock, area_code, year_from
-- units: persons, grants, shares 0-1
-- source: pipeline.model.lives.life_risk, through pipeline.disclosure
-- reads: none
-- caveat: a life at the risks of the benchmark's years, in which nobody dies, emigrates or retires first; a pension ends the risk of a flexjob; unadjusted for who the citizens are; years on benefit: for who stays on it; bands are as wide as counts to be shown ask for
-- disclosure: counts

CREATE TABLE result.life_risk (
    run_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    clock VARCHAR NOT NULL,
    area_code VARCHAR NOT NULL,
    year_from INTEGER NOT NULL,
    year_to INTEGER NOT NULL,
    n_persons BIGINT,
    n_events BIGINT,
    n_ended BIGINT,
    noise_sd DOUBLE,
    risk DOUBLE,
    risk_low DOUBLE,
    risk_high DOUBLE,
    is_suppressed BOOLEAN NOT NULL,
    PRIMARY KEY (run_id, outcome, clock, area_code, year_from)
);

COMMENT ON TABLE result.life_risk IS
'Life tables of the benchmark''s years: the share who are granted by the end of each band of ages, or of years on cash benefit, at the yearly risks of the area.';
COMMENT ON COLUMN result.life_risk.run_id IS 'Run that made the row; joins to result.run.';
COMMENT ON COLUMN result.life_risk.outcome IS
'FP disability pension, FJ flexjob, ANY the first of either.';
COMMENT ON COLUMN result.life_risk.clock IS
'age, or benefit: years on cash or education benefit of who stays on it.';
COMMENT ON COLUMN result.life_risk.area_code IS
'000 the whole country, 081 to 085 the regions, fifth_1 to fifth_5 the fifths of municipalities from lowest to highest practice.';
COMMENT ON COLUMN result.life_risk.year_from IS
'First full years, of age or on benefit when the year begins, of the band.';
COMMENT ON COLUMN result.life_risk.year_to IS
'Last full years of the band; the risk is that until the end of that year.';
COMMENT ON COLUMN result.life_risk.n_persons IS
'Person-years at risk of the outcome, with noise; null where too few grants are expected.';
COMMENT ON COLUMN result.life_risk.n_events IS
'Grants to them, with noise; null where too few are expected.';
COMMENT ON COLUMN result.life_risk.n_ended IS
'Persons whose risk of the outcome another one ended in the year, with noise.';
COMMENT ON COLUMN result.life_risk.noise_sd IS
'Standard deviation of the noise that protects n_events; 0 where it is exact.';
COMMENT ON COLUMN result.life_risk.risk IS
'Share who are granted by the end of the band, at the risks of the years, 0-1.';
COMMENT ON COLUMN result.life_risk.risk_low IS 'Lower limit, of chance and noise.';
COMMENT ON COLUMN result.life_risk.risk_high IS 'Upper limit, of chance and noise.';
COMMENT ON COLUMN result.life_risk.is_suppressed IS
'Whether disclosure control withholds the count and what would reveal it.';
