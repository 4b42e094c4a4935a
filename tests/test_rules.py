"""Rules by example: each gives the rows its file says, and nobody named in it is forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest
from rule_runner import BUILT, difference, found_and_expected, small_warehouse

from pipeline.codes import factor_levels
from pipeline.codes.factors import factors
from pipeline.commands import cli
from pipeline.handbook import rules
from pipeline.handbook.rules import Rule, all_rules, read_rules

RULES = all_rules()
COMMITTED = Path(__file__).parent.parent / "docs" / rules.FILE


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.object}: {rule.name}")
def test_the_rule_gives_the_rows_its_file_says(rule: Rule) -> None:
    with small_warehouse(rule) as connection:
        columns, result, expected = found_and_expected(connection, rule)
    wrong = difference(columns, result, expected)
    assert not wrong, f"{rule.path}:{rule.line}: {rule.name}\n{wrong}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.object}: {rule.name}")
def test_every_person_of_a_rule_comes_out_or_must_not(rule: Rule) -> None:
    comes_out = set(rule.then.persons())
    assert not comes_out & set(rule.must_not_qualify)
    if "person_id" in rule.then.columns:
        source = {name for _, rows in rule.setting.given for name in rows.persons()}
        assert source <= comes_out | set(rule.must_not_qualify)


def test_names_are_not_used_twice_in_a_file() -> None:
    for path in rules.rule_files():
        of_file = read_rules(path)
        assert len({rule.name for rule in of_file}) == len(of_file), path
        for rule in of_file:
            assert rule.object in BUILT


def test_every_level_of_every_factor_has_a_person() -> None:
    of_object = [rule for rule in RULES if rule.object == "mart.person_year"]
    ordinary = dict(of_object[0].setting.ordinary)["mart.person_year"]
    usual = dict(zip(ordinary.columns, ordinary.rows[0], strict=True))
    for factor, levels in factor_levels().items():
        own = [rule for rule in RULES if rule.object == f"factor.{factor}"]
        shown = {usual[factor]} if factor in usual else {factors()[factor].otherwise}
        for rule in own:
            at = rule.then.columns.index("level")
            shown |= {row[at] for row in rule.then.rows if row[at]}
        for rule in of_object:
            if factor in rule.then.columns:
                at = rule.then.columns.index(factor)
                shown |= {row[at] for row in rule.then.rows if row[at]}
        assert shown == set(levels), factor


def test_a_wrong_rule_is_told_with_both_rows(tmp_path: Path) -> None:
    rule = next(rule for rule in RULES if rule.object == "core.first_grant")
    columns, result = ("person_id", "outcome"), [("A", "FP"), ("B", "FJ")]
    text = difference(columns, result, [("A", "FP"), ("B", "FP")])
    assert "| found | B | FJ |" in text
    assert "| expected | B | FP |" in text
    assert difference(columns, result, result) == ""
    with small_warehouse(rule) as connection:
        columns, result, expected = found_and_expected(connection, rule)
        connection.execute(f"DELETE FROM {rule.object} WHERE person_id = ?", [result[0][0]])
        _, fewer, _ = found_and_expected(connection, rule)
    assert "expected" in difference(columns, fewer, expected)


def written(folder: Path, text: str) -> Path:
    path = folder / "core" / "thing.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# core.other\n", "first line"),
        ("# core.thing\n\n## Rule\n\nGiven core.x:\n\n| a |\n|---|\n| 1 |\n", "no 'Then:'"),
        (
            "# core.thing\n\n## Rule\n\nThen:\n\n| a | b |\n|---|---|\n| 1 |\n",
            "thing.md:9: 1 cells",
        ),
        ("# core.thing\n\n## Rule\n\nThen:\n\nsome prose\n", "table with heading"),
        ("# core.thing\n\n## Rule\n\nGiven nonsense:\n", "not understood"),
        ("# core.thing\n\nEveryone has core.x:\n\n| a |\n|---|\n", "one row"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_rules(written(tmp_path, text))


def test_what_stands_above_the_first_rule_holds_for_all(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "# core.thing\n\nProse.\n\nGiven the weeks of DREAM from 2005 to 2006.\n"
        "Given years_at_risk is [2006].\n\nEveryone has raw.bef:\n\n| KOM |\n|---|\n| 101 |\n\n"
        "## One\n\nGiven raw.x:\n\n| PNR | n |\n|:--|--:|\n| A | 1 |\n| B | |\n\n"
        "Then, where n > 0:\n\n| person_id |\n|---|\n| A |\n\nMust not qualify: B, C.\n",
    )
    (rule,) = read_rules(path)
    assert rule.setting.weeks == (2005, 2006)
    assert rule.setting.variables == (("years_at_risk", "[2006]"),)
    assert rule.setting.given[0][1].rows == (("A", "1"), ("B", ""))
    assert (rule.condition, rule.must_not_qualify) == ("n > 0", ("B", "C"))
    assert rule.persons() == ("A", "B", "C")


def test_the_committed_page_is_the_one_the_rules_make(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert COMMITTED.read_text(encoding="utf-8") == rules.markdown(), (
        "docs/rules.md is not up to date; run `tildeling dictionary --out docs`"
    )
    assert cli.main(["dictionary", "--out", str(tmp_path)]) == 0
    assert str(tmp_path / rules.FILE) in capsys.readouterr().out
