"""The numbers the explore page's script shows, packed small."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pipeline.codes import factor_levels
from reports.charts import tiles
from reports.content.content import Content, MunicipalityResult
from reports.content.near import layout
from reports.language.formatting import MISSING, SUPPRESSED, Numbers
from reports.language.words import Words
from reports.site.another import another
from reports.site.explore_parts import COUNTRY, cells, choices, levels, parts_of, short, slices
from reports.site.pages import Page, csv_name
from reports.told.map import key
from reports.told.telling import WIDEST_RATIO, Telling

#: What a municipality that stands out is told as.
_SIDES = {"low": "fewer", "high": "more"}
_WORDS = (
    *("suppressed", "more", "fewer", "summary_country", "summary_none"),
    *("summary_hidden", "one_cut", "drawn_rank"),
    *(
        "drawn_ratio",
        "map_whole",
        "map_level",
        "map_cut",
        "funnel_label",
        "funnel_x",
        "funnel_y",
        "point",
    ),
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
        **{name: [choice[:2] for choice in data[name]] for name in ("diagnoses", "tenures")},
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
        ("explore.js", "another.js"),
        {
            "data": data,
            "chosen": options,
            "csv_name": csv_name(p),
            "another": data["another"],
            "map": tiles.empty_map(_map_label(p), key(p), "explore-map"),
        },
    )


def _map_label(p: Telling) -> str:
    return p.labelled(p.t("map.region"))


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def explore_data(p: Telling, pages: Mapping[str, str]) -> dict[str, Any]:
    """Return labels and numbers by view, year, age band and cell; ``pages`` by municipality code.

    Numbers run over the municipalities in alphabetical order; those of parts have the country
    after them, those of levels and cells then run over the choices or over rows and columns.
    ``o`` observed (null where withheld or not held), ``e`` expected, ``q`` actual over expected as
    published with its interval ``l`` and ``h``, ``s`` shrunken odds, ``r`` rank with ``rl`` and
    ``rh``, ``sl`` and ``sh`` for all at once, ``f`` who stands out. Parts are packed
    (:func:`_packed`). The limits of the funnel stand on a grid of expected counts.
    """
    content, words, numbers = p.content, p.t, p.n
    listed = sorted(content.main.rows, key=lambda row: row.alphabetical)
    codes = [*(row.code for row in listed), COUNTRY]
    place = {code: position for position, code in enumerate(codes)}
    ages = parts_of(content.ages, factor_levels()["age_band"])
    years = parts_of(content.years)
    return {
        "main": [content.main.outcome, content.main.model],
        "places": [_place(row, pages, words) for row in listed],
        "diagnoses": choices(p, content.axes.rows, content.main_axes.rows),
        "tenures": choices(p, content.axes.columns, content.main_axes.columns),
        "views": {view.key: _view(view.rows) for view in content.views},
        "years": slices(content.years, years, place),
        "ages": slices(content.ages, ages, place),
        "levels": levels(p, place),
        "cells": cells(content.municipal, content.axes, place),
        "main_cells": cells(content.municipal_main, content.main_axes, place),
        "funnel": _funnel(content, numbers),
        "another": another(p),
        "edges": [round(edge, 6) for edge in tiles.EDGES],
        "fills": tiles.tile_fills(_map_label(p)),
        "east": tiles.EAST,
        "widest_ratio": WIDEST_RATIO,
        "window": p.years,
        "mark": p.mark,
        "missing": MISSING,
        "hidden": SUPPRESSED,
        "words": {
            "no_interval": words("ranking.no_interval"),
            **{key: words(f"explore_words.{key}", **_blanks(key)) for key in _WORDS},
            "summary_whole": words(
                "explore_words.summary_whole_noise"
                if content.choices.has_noise
                else "explore_words.summary_country",
                **_blanks("summary_country"),
            ),
        },
        "csv_header": ";".join(words.all("explore.csv_header")),
    }


#: Blanks the script fills.
_BLANKS = {
    "summary_country": ("choice", "observed", "expected"),
    "summary_none": ("choice",),
    "summary_hidden": ("hidden",),
    "funnel_label": ("choice",),
    "point": ("name", "observed", "expected", "ratio"),
    "found": ("found", "total"),
}


def _blanks(key: str) -> dict[str, str]:
    return {name: f"{{{name}}}" for name in _BLANKS.get(key, ())}


def _place(row: MunicipalityResult, pages: Mapping[str, str], words: Words) -> list[Any]:
    column, line, short = layout().get(row.code, (None, None, row.name))
    at = [column, line]
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
    view = {name: [short(of(row)) for row in listed] for name, of in columns.items()}
    return {**view, "f": [_SIDES.get(row.stands_out or "") for row in listed]}


def _funnel(content: Content, numbers: Numbers) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    for share, name in ((0.95, "95"), (0.998, "998")):
        curve = [limit for limit in content.funnel if limit.chance_share == share]
        limits["expected"] = [limit.expected for limit in curve]
        limits[f"low{name}"] = [limit.ratio_low for limit in curve]
        limits[f"high{name}"] = [limit.ratio_high for limit in curve]
        limits[f"name{name}"] = numbers.percent(share, 0 if name == "95" else 1)
    return limits
