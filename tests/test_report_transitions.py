"""A question whose outcomes are not grants is told in its own words: titles, sentences, tables."""

from __future__ import annotations

import re
import shutil
from itertools import islice
from pathlib import Path

import duckdb
import pytest
from golden_texts import html_text

from reports.content.assemble import content_from
from reports.content.content import Content
from reports.content.read import read_tables
from reports.language.remarks import remark
from reports.language.transitions import are_grants, of_transitions, subjects
from reports.language.words import Words, texts
from reports.site.render import render_site

OUTCOME = "LONG_CASH"
#: Words that would speak of grants, and the name of the outcome.
GRANTS = {"da": r"tilkend|visiter", "en": r"\bgrant|referr"}
NAMES = {"da": "Over 5 år på kontanthjælp", "en": "Over 5 years on cash benefit"}
#: Pages of guides, method and checks tell of registers of decisions too.
OF_NUMBERS = re.compile(r"(index|explore|kommune/\d+)(\.en)?\.html")


@pytest.fixture(scope="module")
def content(main_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Content:
    path = tmp_path_factory.mktemp("other") / "benchmark.duckdb"
    shutil.copy(main_release, path)
    with duckdb.connect(str(path)) as connection:
        tables = connection.execute(
            "SELECT table_name FROM duckdb_columns()"
            " WHERE schema_name = 'result' AND column_name = 'outcome'"
        ).fetchall()
        for (table,) in tables:
            connection.execute(
                f"UPDATE result.{table} SET outcome = '{OUTCOME}' WHERE outcome = 'ANY'"
            )
    return content_from(read_tables(path))


@pytest.mark.parametrize("language", ["da", "en"])
def test_pages_speak_of_the_outcome_and_not_of_grants(content: Content, language: str) -> None:
    pages = {
        name: html_text(page)
        for name, page in islice(render_site(content, language, ("da", "en")), 13)
        if OF_NUMBERS.fullmatch(name)
    }
    assert len(pages) >= 3
    for name, text in pages.items():
        speaking = [line for line in text.splitlines() if re.search(GRANTS[language], line, re.I)]
        assert speaking == [], name
        assert NAMES[language] in text
    front = next(iter(pages.values()))
    assert front.count(NAMES[language]) >= 2
    assert {"da": "overgange", "en": "transitions"}[language] in front


def test_outcomes_that_are_decisions_are_grants() -> None:
    assert are_grants(("ANY", "FP", "FJ"))
    assert not are_grants(("FP", "RES"))
    for outcomes in (("ANY", "FP", "FJ"), ("ANY",), ("FP", "FJ")):
        assert subjects(outcomes, "da") == ["førtidspension", "fleksjob"]
    assert subjects(("FP", "JA", "RES"), "en") == [
        *("disability pension", "resource programme", "job clarification")
    ]


def test_words_change_and_blanks_stay() -> None:
    said = "Tilkendelser pr. {grants}: 1 tilkender færrest"
    assert of_transitions(said, "da") == "Overgange pr. {grants}: 1 har færrest"
    said = "The municipality grants as expected; {grants} grants"
    assert of_transitions(said, "en") == "The municipality lies as expected; {grants} transitions"


def test_texts_of_their_own_stand_for_texts_there_are() -> None:
    own = {key for key in texts("da") if key.startswith("transitions.")}
    assert own
    assert {key.removeprefix("transitions.") for key in own} <= set(texts("da"))


def test_findings_of_any_outcome_are_told_with_names() -> None:
    names = {"151": "Ballerup"}
    assert remark("LONG_CASH pooled: 151", Words("da"), names).endswith(": Ballerup")
