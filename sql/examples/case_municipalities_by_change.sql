-- question: Which municipalities are proposed for a visit because their grants rose, fell or stayed?
-- database: benchmark
-- reads: now.case_study_change, now.municipality
-- returns: standing, side, municipality_name, region_name, rank, change_factor, change_factor_low,
--   change_factor_high, failed
-- caveat: change is against the country's and shrunken; no rows where the data do not reach the
--   baseline years

SELECT
    case_study_change.standing,
    case_study_change.side,
    municipality.municipality_name,
    municipality.region_name,
    case_study_change.rank,
    round(exp(case_study_change.change_effect_shrunk), 2) AS change_factor,
    round(exp(case_study_change.change_effect_shrunk_low), 2) AS change_factor_low,
    round(exp(case_study_change.change_effect_shrunk_high), 2) AS change_factor_high,
    case_study_change.failed
FROM now.case_study_change
INNER JOIN now.municipality
    ON case_study_change.municipality_code = municipality.municipality_code
WHERE case_study_change.standing != 'out'
ORDER BY
    case_study_change.standing = 'chosen' DESC,
    case_study_change.rank DESC,
    case_study_change.municipality_code ASC;
