-- question: Where does what was granted depart from what the model expects, beyond chance?
-- database: benchmark
-- reads: now.validity
-- returns: outcome, across, dimension, chi2_per_df, q_value, sd, sd_low, sd_high
-- caveat: sd is the log odds by which cells depart, chance taken out: a small departure may be sure
--   in a large country

SELECT
    validity.outcome,
    validity.across,
    validity.dimension,
    validity.chi2_per_df,
    validity.q_value,
    validity.sd,
    validity.sd_low,
    validity.sd_high
FROM now.validity
WHERE validity.model = 'within'
ORDER BY validity.outcome, validity.q_value, validity.across, validity.dimension;
