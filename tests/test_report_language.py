"""No English on a Danish page: every line of every page, and every finding of a check."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import islice

import pytest
from fabricated_release import HOSTILE

from pipeline.catalogue import catalogue
from pipeline.registers import REGISTERS
from pipeline.warehouse.raw.rowchecks import row_checks
from reports.content.content import Content
from reports.language.remarks import remark
from reports.language.words import Words, texts
from reports.site.render import render_site
from reports.told.telling import Telling

#: Words of English sentences that are no Danish words.
ENGLISH = frozenset(
    re.findall(
        r"\w+",
        """the and of with which not rows from are was were this that than has been where when their
        its into only every each who what without between both while municipality municipalities
        grants granted expected shown counts number numbers year years people persons country
        columns column values largest smallest left out share ranks fewer below above one more such
        these those there used made given cent first missing unknown""",
    )
)
_BREAKS = frozenset(
    re.findall(r"\w+", "p td th li h1 h2 h3 dt dd div caption text title span small option button")
)


class _Lines(HTMLParser):
    """Collects what is read or heard on a page, but for code, and links to the other language."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._silent: list[str] = []
        self._line: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        result = dict(attrs)
        if tag in ("script", "style", "code") or (tag == "a" and "hreflang" in result):
            self._silent.append(tag)
        if tag in _BREAKS:
            self.end()
        for name in ("aria-label", "title", "placeholder"):
            self.lines.append(result.get(name) or "")

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()
        if tag in _BREAKS:
            self.end()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._line.append(data)

    def end(self) -> None:
        self.lines.append(" ".join("".join(self._line).split()))
        self._line = []


def lines(page: str) -> list[str]:
    parser = _Lines()
    parser.feed(page)
    parser.end()
    return [line for line in parser.lines if line]


def english(line: str) -> set[str]:
    """Return the English words of a line; names with underscores are codes."""
    return set(re.findall(r"(?<![\w])[a-z]+(?![\w])", line.lower())) & ENGLISH


def test_no_english_on_a_danish_page(main_content: Content) -> None:
    words = Telling(main_content, "da").t
    meant = {HOSTILE, "Of no text.", *words.all("method.references")}
    meant |= {
        setting.name for setting in main_content.settings
    }  # Their names stand under what they are called.
    meant |= {f"result.{name}" for name in catalogue()}  # Tables are named in English.
    meant |= {term.split(" | ")[1] for term in words.all("glossary.terms")}
    result: dict[str, str] = {}
    n_lines = 0
    # The pages of the country, and some of municipalities, which are alike.
    for name, page in islice(render_site(main_content, "da", ("da", "en")), 14):
        for line in lines(page):
            n_lines += 1
            if line not in meant and english(line):
                result.setdefault(line, name)
    assert n_lines > 5_000
    assert result == {}


#: Wordings that readers stumbled over, in what they read; the plainer ones stand in their place.
CLUMSY = {
    "da": (
        r"lå oddsene",
        r"ved et tilfælde",
        r"tilfældigheden er regnet fra",
        r"den midterste kommune",
        r"midterste fire femtedele",
        r"gav [\d{]\S* tilkendelser",
        r"renset for",
        r"Og rammer",
        r"kendt sandhed",
        r"plantede",
        r"\bFrø\b|\bfrø\b",
        r"hensyn til diskretion",
        r"summer til",
        r"Spredning tilbage",
        r"omkring 1 flere",
    ),
    "en": (r"by a fluke", r"\bpurged\b", r"\bplanted\b", r"odds were", r"\b1 more grants"),
}


def told(language: str) -> dict[str, str]:
    """Return every Danish or English text that pages, print and workbook are made of, by place."""
    result = {name: str(text) for name, text in texts(language).items()}
    for entry in catalogue().values():
        result[f"{entry.name}.title"] = entry.title[language]
        if entry.sheet is not None:
            result[f"{entry.name}.sheet"] = entry.sheet.name[language]
        if language == "da":
            for field in entry.fields:
                result[f"{entry.name}.{field.name}"] = f"{field.heading.da} {field.meaning.da}"
    return result


@pytest.mark.parametrize("language", ["da", "en"])
def test_clumsy_wordings_do_not_come_back(language: str) -> None:
    listed = told(language)
    assert len(listed) > 900
    result = {
        place: text
        for place, text in listed.items()
        if any(re.search(form, text) for form in CLUMSY[language])
    }
    assert result == {}


def test_no_danish_text_is_english() -> None:
    """Also of what stands on no page of the release above."""
    blanks = re.compile(r"\{\w*\}")
    result = {
        place: text
        for place, text in told("da").items()
        if english(blanks.sub("", text)) - {"persons"}  # Also the genitive of a Danish person.
        and place not in ("method.references", "glossary.terms")
    }
    assert result == {}


def test_the_list_of_words_finds_english() -> None:
    assert english("2 failing rows in 522 rows")
    assert english("Below this expected a count is not shown (cell_key).")
    assert not english("Tallet er ikke oplyst; den er over for et år")


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ("FJ pooled: 482, 563; FJ within: 482, 563", "Langeland og Fanø"),
        ("ANY within: age_band = 60-64", "Alder: 60-64 år"),
        ("9 files: 9,405 rows read = 9,405 loaded + 0 quarantined", "9.405"),
        ("not reported, left out of the benchmark: 101 in 2006", "København (2006)"),
        ("no grant in the years, left out: FJ", "Fleksjob"),
        ("2 failing rows (one row per week) in 522 rows", "2 af 522 rækker"),
        ("at most 4 failing rows (one row per week) in 60 rows", "højst 4 af 60 rækker"),
        (
            "counts have noise of variance 4, counts of 1 to 4 do not occur; 136656 cells are not"
            " shown, where fewer than 2 are expected (main diagnoses and tenures: 0.3)",
            "136656 felter vises ikke, fordi der ventes under 2 (hovedgrupper af diagnose og"
            " anciennitet: 0,3)",
        ),
        ("FP within: 664 observed as shown, relative gap 0.0e+00", "relativ afvigelse 0"),
        ("FP pooled: 6 Newton steps", "6 Newton-skridt"),
    ],
)
def test_findings_are_told_in_danish_with_names(detail: str, said: str) -> None:
    names = {"101": "København", "482": "Langeland", "563": "Fanø"}
    result = remark(detail, Words("da"), names)
    assert said in result
    assert not english(result)
    assert remark("something new", Words("da"), names) == "something new"


def test_every_expectation_of_a_register_has_danish() -> None:
    words, untold = Words("da"), set()
    for register in REGISTERS:
        for column in register.columns:
            for check in row_checks(column):
                detail = f"{check.column}: expected {check.expected}"
                if remark(detail, words, {}) == detail:
                    untold.add(detail)
    assert not untold
