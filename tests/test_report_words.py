"""Every text in both languages, with the same blanks to fill, and no text without a reader."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.codes import diagnosis_groups, factor_levels
from pipeline.registers import REGISTERS
from pipeline.settings import Settings
from pipeline.warehouse.database.sqlfiles import read_folder
from pipeline.warehouse.raw.rowchecks import row_checks
from reports.content.content import MODEL_ORDER, OUTCOME_ORDER
from reports.language.labels import stage_label
from reports.language.words import Words, texts

REPORTS = Path(__file__).parent.parent / "reports"
PIPELINE = REPORTS.parent / "pipeline"
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
    sources = [*REPORTS.rglob("*.py"), *REPORTS.rglob("templates/*")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    named = set(
        re.findall(r"(?:words|t|t\.all|words\.all)\(\s*[\"']([a-z_]+\.[a-z_A-Z0-9]+)[\"']", text)
    )
    assert len(named) > 100
    # A name that ends in _ is put together with a code.
    assert not {name for name in named if not name.endswith("_")}.difference(texts("da"))


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
def test_what_is_checked_has_a_name(language: str) -> None:
    """Pages name registers and the tables made of them; a new one needs its name in stages.*."""
    words = Words(language)
    tables = [file.object for schema in ("core", "mart") for file in read_folder(schema)]
    names = [register.name for register in REGISTERS]
    stages = [*names, *(f"raw.{name}" for name in names), *tables]
    assert len(stages) > 60
    assert not [code for code in stages if stage_label(code, words) == code]
    assert "lpr_diag" not in stage_label("raw.lpr_diag", words)


def checks_of_the_pipeline() -> set[str]:
    """Every name of a check that the code can write to data_quality."""
    of_rows = {
        check.name
        for register in REGISTERS
        for column in register.columns
        for check in row_checks(column)
    }
    of_files = {file.path.stem for file in read_folder("checks")}
    of_keys = {
        f"{file.path.stem}_key_unique" for file in [*read_folder("core"), *read_folder("mart")]
    }
    written = set()
    for path in (PIPELINE / "model").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        written |= set(re.findall(r"(?:Finding|Diagnostic)\(\s*\"(\w+)\"", text))
        written |= set(re.findall(r'^CHECK = "(\w+)"', text, re.M))
    named = set()
    for path in (PIPELINE / "warehouse").rglob("*.py"):
        named |= set(re.findall(r'^[A-Z]+_CHECK = "(\w+)"', path.read_text("utf-8"), re.M))
    for path in PIPELINE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        written |= set(re.findall(r"finding\(\s*[\w.\"]+,\s*\"(\w+)\"", text))
        written |= set(re.findall(r"\"check\": \[\"(\w+)\"\]", text))
    assert {
        "convergence",
        "sensitivity_fitted",
        "rows_accounted_for",
        "disclosure_control",
    } <= written
    assert "key_unique" in named
    return of_rows | of_files | of_keys | written | named


@pytest.mark.parametrize("language", ["da", "en"])
def test_every_check_has_a_name_for_readers(language: str) -> None:
    words = Words(language)
    assert not sorted(name for name in checks_of_the_pipeline() if words.check(name) is None)
    assert words.check("unheard_of") is None


def test_a_check_of_a_column_names_it() -> None:
    assert Words("da").check("kom_code_list") == "KOM står i kodelisten"
    assert Words("en").check("model_cell_key_unique") == "The key of model_cell occurs once only"


@pytest.mark.parametrize("language", ["da", "en"])
def test_every_setting_published_has_a_label(language: str) -> None:
    words = Words(language)
    names = [row["setting"] for row in Settings.model_construct().published()]
    assert not [name for name in names if words.label("setting", name) == name]


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
