-- question: Which municipalities are proposed for interviews, and who resembles whom?
-- database: benchmark
-- reads: now.case_study, now.benchmark, now.ranking
-- returns: standing, set_number, cluster_number, municipality_name, side, rank, rank_low, rank_high,
--   share_of_specifications, failed
-- caveat: those out by one criterion are listed last, with the criterion; the limits of the criteria
--   in numbers are ours, not AKF's

SELECT
    case_study.standing,
    case_study.set_number,
    case_study.cluster_number,
    benchmark.municipality_name,
    case_study.side,
    ranking.rank,
    ranking.rank_low,
    ranking.rank_high,
    case_study.share_of_specifications,
    case_study.failed
FROM now.case_study
INNER JOIN now.benchmark
    ON
        case_study.outcome = benchmark.outcome
        AND case_study.municipality_code = benchmark.municipality_code
INNER JOIN now.ranking
    ON
        benchmark.outcome = ranking.outcome
        AND benchmark.model = ranking.model
        AND benchmark.municipality_code = ranking.municipality_code
WHERE benchmark.model = 'within' AND case_study.standing != 'out'
ORDER BY
    case_study.set_number ASC NULLS LAST,
    case_study.cluster_number ASC,
    ranking.rank ASC,
    case_study.municipality_code ASC;
