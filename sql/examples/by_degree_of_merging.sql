-- question: Do merged municipalities decide faster, refuse more or grant to others than unmerged ones?
-- database: benchmark
-- reads: now.attribute_group, now.attribute_group_test
-- returns: outcome, measure, level, n_municipalities, value, low, high, p_value
-- caveat: attributes of municipal_attribute.csv stand in the same tables; p_value tests that all
--   groups are alike, of each measure alone

SELECT
    attribute_group.outcome,
    attribute_group.measure,
    attribute_group.level,
    attribute_group.n_municipalities,
    attribute_group.value,
    attribute_group.low,
    attribute_group.high,
    attribute_group_test.p_value
FROM now.attribute_group
LEFT JOIN now.attribute_group_test
    ON
        attribute_group.outcome = attribute_group_test.outcome
        AND attribute_group.attribute = attribute_group_test.attribute
        AND attribute_group.measure = attribute_group_test.measure
WHERE attribute_group.attribute = 'merged_2007'
ORDER BY attribute_group.outcome, attribute_group.measure, attribute_group.level;
