"""The numbers the explore page's script shows, packed small."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pipeline.codes import factor_levels
from reports.charts.tiles import EAST, EDGES
from reports.content.content import Content, MunicipalityResult
from reports.content.municipality import Slice
from reports.content.near import layout
from reports.content.values import in_order
from reports.language.formatting import MISSING, SUPPRESSED, Numbers
from reports.language.words import Words
from reports.site.pages import Page, csv_name
from reports.told.telling import Telling

_WORDS = (
    *("suppressed", "more", "fewer", "summary", "summary_hidden", "one_cut", "drawn_rank"),
    *("drawn_ratio", "map_whole", "map_cut", "funnel_label", "funnel_x", "funnel_y", "point"),
    *("found", "none"),
)


def explore(p: Telling, pages: Mapping[str, str]) -> Page:
    """Return the page of choices, with its numbers; ``pages`` by municipality code."""
    content, t = p.content, p.t
    data = explore_data(p, pages)
    options = {
        "outcomes": [
            (name, p.outcome(name)) for name in _distinct(v.outcome for v in content.views)
        ],
        "models": [(name, p.model(name)) for name in _distinct(v.model for v in content.views)],
        "years": [(part, part) for part in parts_of(content.years)],
        "diagnoses": data["diagnoses"],
        "tenures": data["tenures"],
        "ages": [(part, t.level("age_band", part)) for part in parts_of(content.ages)],
    }
    total = p.n.count(len(content.main.rows))
    return Page(
        "explore",
        t("explore.title"),
        t("explore.heading"),
        (),
        t("page.subheading", n=total, years=p.years),
        t("explore.intro"),
        "explore.html",
        ("explore.js",),
        {"data": data, "chosen": options, "csv_name": csv_name(p)},
    )


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def explore_data(p: Telling, pages: Mapping[str, str]) -> dict[str, Any]:
    """Return labels and numbers by view, year, age band and cell; ``pages`` by municipality code.

    Numbers run over the municipalities in alphabetical order; those of cells then over diagnosis
    and tenure. ``o`` observed (null where withheld or not held), ``e`` expected, ``q`` actual
    over expected as published with its interval ``l`` and ``h``, ``s`` shrunken odds, ``r`` rank
    with ``rl`` and ``rh``, ``sl`` and ``sh`` for all at once. Years, ages and cells are packed
    (:func:`_packed`). The limits of the funnel stand on a grid of expected counts.
    """
    content, words, numbers = p.content, p.t, p.n
    listed = sorted(content.main.rows, key=lambda row: row.alphabetical)
    place = {row.code: position for position, row in enumerate(listed)}
    ages = parts_of(content.ages, factor_levels()["age_band"])
    years = parts_of(content.years)
    return {
        "main": [content.main.outcome, content.main.model],
        "places": [_place(row, pages, words) for row in listed],
        "diagnoses": [[group, words.diagnosis(group)] for group in content.diagnoses],
        "tenures": [[band, words.level("tenure_band", band)] for band in content.tenures],
        "views": {view.key: _view(view.rows) for view in content.views},
        "years": _slices(content.years, years, place),
        "ages": _slices(content.ages, ages, place),
        "cells": _cells(content, place),
        "funnel": _funnel(content, numbers),
        "edges": [round(edge, 6) for edge in EDGES],
        "east": EAST,
        "window": p.years,
        "mark": p.mark,
        "missing": MISSING,
        "hidden": SUPPRESSED,
        "words": {key: words(f"explore_words.{key}", **_blanks(key)) for key in _WORDS},
        "csv_header": ";".join(words.all("explore.csv_header")),
    }


def parts_of(slices: Iterable[Slice], order: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the distinct parts of ``slices``, those of ``order`` first."""
    return in_order({part.part for part in slices}, order)


#: Blanks the script fills.
_BLANKS = {
    "summary": ("choice", "observed", "expected"),
    "summary_hidden": ("choice", "observed", "expected", "shown", "hidden"),
    "funnel_label": ("choice",),
    "point": ("name", "observed", "expected", "ratio"),
    "found": ("found", "total"),
}


def _blanks(key: str) -> dict[str, str]:
    return {name: f"{{{name}}}" for name in _BLANKS.get(key, ())}


def _place(row: MunicipalityResult, pages: Mapping[str, str], words: Words) -> list[Any]:
    column, line, short = layout().get(row.code, (None, None, row.name))
    at = [None, None] if column is None or line is None else [column + 1, line + 1]
    return [row.code, row.name, row.region or MISSING, pages[row.code], *at, short]


def _view(rows: tuple[MunicipalityResult, ...]) -> dict[str, list[Any]]:
    listed = sorted(rows, key=lambda row: row.alphabetical)
    columns: dict[str, Callable[[MunicipalityResult], float | None]] = {
        "o": lambda row: row.observed,
        "e": lambda row: row.expected,
        "q": lambda row: row.ratio,
        "l": lambda row: row.ratio_low,
        "h": lambda row: row.ratio_high,
        "s": lambda row: row.odds_shrunk,
        "r": lambda row: row.rank,
        "rl": lambda row: row.rank_low,
        "rh": lambda row: row.rank_high,
        "sl": lambda row: row.rank_low_simultaneous,
        "sh": lambda row: row.rank_high_simultaneous,
    }
    return {name: [_short(of(row)) for row in listed] for name, of in columns.items()}


def _empty(size: int) -> dict[str, list[Any]]:
    return {
        "o": [None] * size,
        "e": [0] * size,
        "q": [None] * size,
        "l": [None] * size,
        "h": [None] * size,
    }


def _slices(
    slices: tuple[Slice, ...], parts: tuple[str, ...], place: dict[str, int]
) -> dict[str, dict[str, dict[str, str]]]:
    found: dict[str, dict[str, dict[str, list[Any]]]] = {}
    for one in slices:
        if one.code not in place:
            continue
        view = found.setdefault(
            f"{one.outcome}-{one.model}", {part: _empty(len(place)) for part in parts}
        )
        _put(
            view[one.part],
            place[one.code],
            one.observed,
            one.expected,
            one.ratio,
            one.ratio_low,
            one.ratio_high,
        )
    return {
        key: {part: _packed(table) for part, table in view.items()} for key, view in found.items()
    }


def _cells(content: Content, place: dict[str, int]) -> dict[str, dict[str, str]]:
    size = len(content.diagnoses) * len(content.tenures)
    found: dict[str, dict[str, list[Any]]] = {}
    for table in content.municipal:
        if table.code not in place:
            continue
        view = found.setdefault(f"{table.outcome}-{table.model}", _empty(size * len(place)))
        first = place[table.code] * size
        for at, cell in enumerate(table.cells):
            limits = (cell.ratio_low, cell.ratio_high)
            _put(view, first + at, cell.observed, cell.expected, cell.ratio, *limits)
    return {key: _packed(view) for key, view in found.items()}


def _packed(table: dict[str, list[Any]]) -> dict[str, str]:
    """Return each column as text with commas, nothing where a number is missing.

    A ratio and its limits are there for the places with an observed count only, as no other has
    them: most cells of few persons are withheld.
    """
    is_known = [value is not None for value in table["o"]]

    def text(name: str) -> str:
        values = table[name]
        if name in "qlh":
            values = [value for value, known in zip(values, is_known, strict=True) if known]
        return ",".join("" if value is None else str(value) for value in values)

    return {name: text(name) for name in table}


def _put(
    table: dict[str, list[Any]],
    at: int,
    observed: int | None,
    expected: float,
    ratio: float | None,
    low: float | None,
    high: float | None,
) -> None:
    table["o"][at] = observed
    table["e"][at] = _short(expected)
    table["q"][at] = _short(ratio)
    table["l"][at] = _short(low)
    table["h"][at] = _short(high)


def _funnel(content: Content, numbers: Numbers) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    for share, name in ((0.95, "95"), (0.998, "998")):
        curve = [limit for limit in content.funnel if limit.chance_share == share]
        limits["expected"] = [limit.expected for limit in curve]
        limits[f"low{name}"] = [limit.ratio_low for limit in curve]
        limits[f"high{name}"] = [limit.ratio_high for limit in curve]
        limits[f"name{name}"] = numbers.percent(share, 0 if name == "95" else 1)
    return limits


def _short(value: float | None) -> float | int | None:
    """Return ``value`` for the page, which rounds it once: ten digits are beyond every print."""
    if value is None or isinstance(value, int):
        return value
    if not math.isfinite(value):
        return None
    short = float(f"{value:.10g}")
    return int(short) if short == int(short) else short
