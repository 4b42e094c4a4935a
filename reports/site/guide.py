"""The pages about the report: how to read it, the method appendix and the data dictionary."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pipeline.codes import factor_levels, reference_levels
from pipeline.handbook.dictionary import dictionary
from reports.content.content import Content, MunicipalityResult, SecondStage
from reports.language.files import downloads
from reports.language.formatting import Numbers
from reports.language.labels import second_stage_term
from reports.language.words import Words
from reports.told.calibration import calibration_view

#: The pages by file name, without language and ending, and key among the texts.
PAGES = (("guide", "guide"), ("method", "appendix"), ("dictionary", "dictionary"))
#: Sections of the guide in order.
_PARTS = (
    *("line", "expected", "interval", "rank", "neutral", "hidden", "cannot", "files", "next"),
)
#: Stages whose checks are of the model rather than of the registers.
_MODEL_STAGES = frozenset({"model", "result"})


@dataclass(frozen=True)
class GuidePage:
    """A page: its file name without language, its template, and what the template prints."""

    name: str
    template: str
    context: dict[str, Any]


def guide_pages(content: Content, words: Words, numbers: Numbers) -> tuple[GuidePage, ...]:
    """Return the three pages of ``content`` in the language of ``words``."""
    return (
        GuidePage("guide", "guide.html", _guide(content, words, numbers)),
        GuidePage("method", "appendix.html", _appendix(content, words, numbers)),
        GuidePage("dictionary", "dictionary.html", _dictionary(words)),
    )


def _guide(content: Content, words: Words, numbers: Numbers) -> dict[str, Any]:
    return {
        "parts": _PARTS,
        "example": _example(content, words, numbers),
        "downloads": downloads(words.language),
        "glossary": [term.split(" | ") for term in words.all("glossary.terms")],
    }


def _example(content: Content, words: Words, numbers: Numbers) -> tuple[str, ...]:
    """Return the line of the municipality in the middle of the ranking, in sentences."""
    row = _middle(content.main.rows)
    if row is None:
        return (words("guide.line_missing"),)
    run = content.run
    line = words(
        "guide.line",
        name=row.name,
        observed=numbers.count(row.observed),
        years=numbers.years(run.years) if run.years else run.window,
        expected=numbers.number(row.expected),
        ratio=numbers.number(row.ratio, 2),
        low=numbers.number(row.ratio_low, 2),
        high=numbers.number(row.ratio_high, 2),
    )
    rank = words(
        "guide.line_rank",
        rank=numbers.count(row.rank),
        n=numbers.count(len(content.main.rows)),
        rank_low=numbers.count(row.rank_low),
        rank_high=numbers.count(row.rank_high),
    )
    return line, rank


def _middle(rows: tuple[MunicipalityResult, ...]) -> MunicipalityResult | None:
    known = [
        row
        for row in rows
        if None not in (row.rank, row.rank_low, row.rank_high, row.ratio_low, row.ratio_high)
    ]
    return known[len(known) // 2] if known else None


def _appendix(content: Content, words: Words, numbers: Numbers) -> dict[str, Any]:
    reference = reference_levels()
    factors = []
    for factor, levels in factor_levels().items():
        named = [
            words("appendix.reference", level=words.level(factor, level))
            if reference.get(factor) == level
            else words.level(factor, level)
            for level in levels
        ]
        factors.append((words.label("factor", factor), ", ".join(named)))
    diagnostics = [
        (words.check(row.check) or row.check, row)
        for row in content.quality
        if row.register in _MODEL_STAGES
    ]
    titles = [
        *(("specification", "appendix.specification_title"), ("second", "appendix.second_title")),
        *(("what-if", "appendix.what_if_title"), ("diagnostics", "appendix.diagnostics_title")),
        *(("recovery", "appendix.recovery_title"), ("calibration", "calibration.title")),
        ("method", "method.title"),
    ]
    return {
        "contents": [(name, words(key)) for name, key in titles],
        "factors": factors,
        "second_stage": _second_stage(content.second_stage, words),
        "diagnostics": diagnostics,
        "recovery": content.recovery,
        "calibration": calibration_view(content.calibration, words, numbers),
    }


def _second_stage(rows: tuple[SecondStage, ...], words: Words) -> list[tuple[str, Any, Any]]:
    """Return per outcome its name, the estimators, and per term its estimates under each."""
    tables = []
    for outcome, group in groupby(rows, key=lambda row: row.outcome):
        of = {(row.term, row.method): row for row in group}
        methods = list(dict.fromkeys(method for _, method in of))
        terms = list(dict.fromkeys(term for term, _ in of))
        terms.sort(key=lambda term: {"constant": 0, "tau2": 2}.get(term, 1))
        tables.append(
            (
                words.label("outcome", outcome),
                [words.label("estimator", method) for method in methods],
                [
                    (second_stage_term(term, words), [of.get((term, m)) for m in methods])
                    for term in terms
                ],
            )
        )
    return tables


def _dictionary(words: Words) -> dict[str, Any]:
    found = dictionary()

    def meaning(table: str, column: str) -> str | None:
        for name in (f"{table.partition('.')[2]}__{column}", column):
            told = words.label("meaning", name)
            if told != name:
                return told
        return None

    parts = [("registers", words("dictionary.registers"), found.registers)]
    for schema, tables in found.schemas:
        key = "dictionary.schema_result" if schema == "result" else "dictionary.schema"
        title = words(key) if schema == "result" else words(key, schema=schema)
        parts.append((schema if schema != "codes" else "schema-codes", title, tables))
    contents = [(name, title) for name, title, _ in parts]
    contents += [
        ("codes", words("dictionary.codes")),
        ("settings", words("dictionary.settings")),
    ]
    return {"d": found, "parts": parts, "contents": contents, "meaning": meaning}
