"""Every text in both languages, with the same blanks to fill, and no text without a reader."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.codes import diagnosis_groups, factor_levels
from reports.content import MODEL_ORDER, OUTCOME_ORDER
from reports.words import Words, texts

REPORTS = Path(__file__).parent.parent / "reports"
BLANK = re.compile(r"\{(\w+)\}")


def blanks(text: str | tuple[str, ...]) -> set[str]:
    return set(BLANK.findall(text if isinstance(text, str) else " ".join(text)))


def test_both_languages_have_every_text_with_the_same_blanks() -> None:
    danish, english = texts("da"), texts("en")
    assert set(danish) == set(english)
    differing = {key for key in danish if blanks(danish[key]) != blanks(english[key])}
    assert not differing
    assert all(type(danish[key]) is type(english[key]) for key in danish)
    assert not [key for key, text in danish.items() if not text]


def test_every_key_named_in_code_and_templates_exists() -> None:
    sources = [*REPORTS.glob("*.py"), *(REPORTS / "templates").glob("*.html")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    named = set(
        re.findall(r"(?:words|t|t\.all|words\.all)\(\s*[\"']([a-z_]+\.[a-z_A-Z0-9]+)[\"']", text)
    )
    assert len(named) > 100
    assert not named.difference(texts("da"))


@pytest.mark.parametrize("language", ["da", "en"])
def test_codes_have_labels(language: str) -> None:
    words = Words(language)
    for outcome in OUTCOME_ORDER:
        assert words.label("outcome", outcome) != outcome
    for model in MODEL_ORDER:
        assert words.label("model", model) != model
    for factor, levels in factor_levels().items():
        assert words.label("factor", factor) != factor
        assert all(words.level(factor, level) != level for level in levels if "-" not in level)
    assert all(words.diagnosis(group) != group for group in diagnosis_groups())
    assert words.diagnosis("unheard_of") == "unheard_of"


@pytest.mark.parametrize("language", ["da", "en"])
def test_no_text_judges_a_rank(language: str) -> None:
    everything = " ".join(
        text if isinstance(text, str) else " ".join(text) for text in texts(language).values()
    ).casefold()
    judging = {
        "da": ["bedste", "værste", "dårligste", "klarer sig", "topscorer"],
        "en": ["best", "worst", "performs"],
    }
    for word in judging[language]:
        assert not re.search(rf"\b{word}\b", everything), word
