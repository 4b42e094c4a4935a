-- question: How many are on cash or education benefit, and for how long, quarter by quarter?
-- database: benchmark
-- reads: now.tenure_stock
-- returns: year, quarter, tenure_band, n_persons, noise_sd
-- caveat: the whole country is area 000, municipalities stand beside it; counts have noise

SELECT
    tenure_stock.year,
    tenure_stock.quarter,
    tenure_stock.level AS tenure_band,
    tenure_stock.n_persons,
    tenure_stock.noise_sd
FROM now.tenure_stock
WHERE tenure_stock.area_code = '000' AND tenure_stock.dimension = 'tenure_band'
ORDER BY tenure_stock.year, tenure_stock.quarter, tenure_stock.level;
