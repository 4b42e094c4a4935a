"""The pages about the whole country: what each says in a few lines, and where sections are."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from fabricated_release import fabricate

from reports.content.assemble import content_from
from reports.content.content import Content
from reports.content.read import ResultTables, read_tables
from reports.language.words import Words
from reports.site.pages import national
from reports.told.pages import country, practice, years
from reports.told.pages.leads import KEY
from reports.told.telling import Telling

#: Sections that stood on the page of the country once, which others may have linked to.
ONCE = (
    *("what_if", "breakdown", "subgroups", "sureness", "cases", "choice"),
    *("goes_with", "displacement", "routes", "activity", "later", "life"),
    *("change", "change_cases", "step", "former", "queue", "initiatives"),
)


@pytest.fixture(scope="module")
def tables(whole_release: Path) -> ResultTables:
    return read_tables(whole_release)


@pytest.fixture(scope="module")
def told(whole_content: Content) -> Telling:
    return Telling(whole_content, "da")


def main(frame: pd.DataFrame, p: Telling) -> pd.DataFrame:
    return frame[frame["outcome"] == p.main_outcome]


def numbers(text: str) -> list[str]:
    return re.findall(r"\d[\d.,]*\d|\d", text)


def test_what_once_stood_on_the_page_of_the_country_is_found_from_it(report_site: Path) -> None:
    page = (report_site / "country.html").read_text(encoding="utf-8")
    own = set(re.findall(r'<section id="([^"]+)"', page))
    onward = dict(re.findall(r'<a id="([^"]+)" href="([^"#]+)#\1"', page))
    assert own | set(onward) >= {*ONCE, KEY}
    assert not own & set(onward)
    assert {"practice.html", "years.html"} == set(onward.values())
    for key, name in onward.items():
        assert f'<section id="{key}"' in (report_site / name).read_text(encoding="utf-8")


def test_every_page_begins_with_what_it_says(told: Telling) -> None:
    for page in national(told):
        first, *others = page.sections
        assert first.key == KEY
        (lines,) = first.blocks
        assert 2 <= len(lines.lines) <= 4
        assert len(others) >= 4
        assert {section.key for section in others} <= {*ONCE, "attributes", "decision_maker"}


def test_the_lines_over_the_years_count_what_the_release_says(
    told: Telling, tables: ResultTables
) -> None:
    change, step, _, queue = years.in_words(told)
    of = main(tables.change, told)
    sure = of[of["q_value"] < 0.05]["log_ratio_change"]
    counts = [(sure > 0).sum(), len(of), (sure < 0).sum()]
    assert len(sure) > 0
    assert numbers(change.split("fik")[1]) == [str(count) for count in counts]
    steps = main(tables.practice_step, told).dropna(subset="step_year")
    assert numbers(step)[:2] == [str(steps["is_step"].sum()), str(len(steps))]
    queues = main(tables.temporary, told).dropna(subset="temporary")
    assert numbers(queue)[:2] == [str(queues["is_temporary"].sum()), str(len(queues))]


def test_merged_municipalities_follow_a_rule_only_where_it_is_sure(
    told: Telling, tables: ResultTables
) -> None:
    line = [*years.in_words(told)][2]
    rules = main(tables.former_follow_country, told)
    assert (rules["p_commonest"].max() >= 0.9) == ("mindst 90" in line)
    assert str(rules["n_municipalities"].iloc[0]) in numbers(line)


def test_the_lines_of_what_goes_with_practice_name_what_is_beyond_chance(
    told: Telling, tables: ResultTables
) -> None:
    tested, *_ = practice.in_words(told)
    trends = tables.rank_group_trend
    trends = trends[(trends["outcome"] == "FP") & (trends["group_basis"] == "cross_fitted")]
    trends = trends[trends["measure"] != "practice"].dropna(subset="p_value")
    sure = trends[trends["p_value"] < 0.05]
    assert 0 < len(sure) < len(trends)
    assert numbers(tested)[:2] == [str(len(sure)), str(len(trends))]
    words = Words("da")
    for measure in trends["measure"]:
        name = words(f"measure.{measure}")
        is_said = f"{name[:1].lower()}{name[1:]}" in tested
        assert is_said == (measure in set(sure["measure"])), measure
    assert ("Højere, hvor" in tested) == bool((sure["slope"] > 0).any())
    assert ("Lavere, hvor" in tested) == bool((sure["slope"] < 0).any())


def test_the_lines_of_the_country_have_their_intervals(told: Telling, tables: ResultTables) -> None:
    spread, what_if, unreliable = country.in_words(told)
    assert re.search(r"\d+–\d+ tilkendelser", spread)
    row = tables.counterfactual[
        (tables.counterfactual["outcome"] == told.main_outcome)
        & (tables.counterfactual["model"] == told.content.main.model)
        & (tables.counterfactual["method"] == "empirical_bayes")
    ].iloc[0]
    ends = told.n.interval(row["fewer_low"], row["fewer_high"], 0)
    assert told.n.count(row["fewer_grants"]) in what_if
    assert ends in what_if
    of = main(tables.benchmark, told)
    of = of[of["model"] == told.content.main.model]
    assert numbers(unreliable)[:2] == [str((of["reliability"] < 0.5).sum()), str(len(of))]


def test_a_release_without_these_tables_has_the_pages(tmp_path: Path) -> None:
    path = fabricate(tmp_path / "benchmark.duckdb", main_only=True, later=False)
    p = Telling(content_from(read_tables(path)), "en")
    pages = {page.name: page for page in national(p)}
    assert [*pages] == ["country", "practice", "years"]
    assert [section.key for section in pages["years"].sections] == ["change", "queue"]
    assert KEY not in dict(pages["practice"].contents)
