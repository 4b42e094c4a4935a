-- object: release.archived
-- grain: one row per run, outcome, model and municipality of the release
-- key: release, run_id, outcome, model, municipality_code
-- units: as in result.benchmark
-- source: result
-- reads: result.run, result.benchmark, result.ranking
-- caveat: a query, not a table; rows as published, so counts have their noise and what is withheld is
--   missing

SELECT
    getvariable('release') AS release,
    run.benchmark,
    run.years,
    run.finished_at,
    run.is_synthetic,
    run.input_hash,
    run.settings_hash,
    run.code_version,
    run.status,
    benchmark.*,  -- noqa: AM04
    ranking.rank,
    ranking.rank_low,
    ranking.rank_high
FROM result.benchmark AS benchmark
INNER JOIN result.run AS run ON benchmark.run_id = run.run_id
LEFT JOIN result.ranking AS ranking
    ON
        benchmark.run_id = ranking.run_id
        AND benchmark.outcome = ranking.outcome
        AND benchmark.model = ranking.model
        AND benchmark.municipality_code = ranking.municipality_code
ORDER BY run.run_order, benchmark.outcome, benchmark.model, benchmark.municipality_code
