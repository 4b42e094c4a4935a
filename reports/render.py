"""Content in, the HTML text of every page out: pure, no files but the templates."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports import charts, tile_map
from reports.choices import shown, words_for
from reports.content import Coefficient, Content, View
from reports.csv_text import csv_text, data_link
from reports.explore import explore_data, parts_of
from reports.findings import lowest_k
from reports.formatting import MISSING, SUPPRESSED, Numbers, danish_order
from reports.guide import PAGES, downloads, guide_pages
from reports.municipalities import N_SIMILAR
from reports.place_page import Lookup, place_context
from reports.sentences import changes_in_words, findings_in_words
from reports.words import Words

FOLDER = Path(__file__).parent
#: Front page of each language.
FILES = {"da": "index.html", "en": "index.en.html"}
#: Folder of the municipalities' pages.
PLACE_FOLDER = "kommune"


def page_file(name: str, language: str) -> str:
    """Return the file of page ``name``: ``explore.html`` in Danish, ``explore.en.html`` else."""
    return f"{name}.html" if language == "da" else f"{name}.{language}.html"


def render_site(
    content: Content, language: str, languages: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """Yield file and text of every page in ``language``, the front page first.

    Pages link to the same page in those of ``languages`` that are not itself.
    """
    shared = _shared(content, language)
    yield FILES[language], _front(content, shared, languages)
    yield page_file("explore", language), _explore(content, shared, languages)
    yield from _guides(content, shared, languages)
    yield from _places(content, shared, languages)


def _shared(content: Content, language: str) -> dict[str, Any]:
    """Return the context all pages of a language have."""
    words, numbers = words_for(content.choices, language), Numbers(language)
    return {
        "c": content,
        "t": words,
        "n": numbers,
        "language": language,
        "years": numbers.years(content.run.years) if content.run.years else content.run.window,
        "map_steps": _map_steps(words, numbers),
        "front_file": FILES[language],
        "explore_file": page_file("explore", language),
        "site_links": [
            ("index", FILES[language]),
            ("explore", page_file("explore", language)),
            *((key, page_file(name, language)) for name, key in PAGES),
        ],
        "style": Markup((FOLDER / "style.css").read_text(encoding="utf-8")),
        "direction": charts.direction,
        "data": None,
        "MISSING": MISSING,
        "SUPPRESSED": SUPPRESSED,
    }


def _page(
    template: str,
    name: str,
    shared: dict[str, Any],
    languages: tuple[str, ...],
    scripts: tuple[str, ...] = (),
    **context: Any,
) -> str:
    """Return the page ``name``, perhaps in a folder, made of ``template``."""
    folder, _, file = name.rpartition("/")
    script = "".join((FOLDER / one).read_text(encoding="utf-8") for one in scripts)
    others = [(other, page_file(file, other)) for other in languages if other != shared["language"]]
    return (
        _environment()
        .get_template(template)
        .render(
            {
                **shared,
                "page_key": file,
                "root": "../" if folder else "",
                "others": others,
                "places": {
                    row.code: place_file(row.code, shared["language"], inside=bool(folder))
                    for row in shared["c"].main.rows
                },
                "script": Markup(script),
                "script_hash": _hash(script),
                **context,
            }
        )
    )


def place_file(code: str, language: str, *, inside: bool = False) -> str:
    """Return the address of a municipality's page, seen from the front page or ``inside``."""
    file = page_file(code, language)
    return file if inside else f"{PLACE_FOLDER}/{file}"


def _front(content: Content, shared: dict[str, Any], languages: tuple[str, ...]) -> str:
    words, numbers = shared["t"], shared["n"]
    return _page(
        "front.html",
        "index",
        shared,
        languages,
        ("search.js", "page.js"),
        findings=findings_in_words(content, words, numbers),
        changes=changes_in_words(content, words, numbers),
        drawn=_drawn(content.main, content, words, numbers),
        by_region=_by_region(content.main),
        what_if=_what_if(content, words, numbers),
        recovery=_recovery(content, words),
        downloads=downloads(words.language),
        search_found=words("explore_words.found", found="%found%", total="%total%"),
    )


def _explore(content: Content, shared: dict[str, Any], languages: tuple[str, ...]) -> str:
    words, numbers, language = shared["t"], shared["n"], shared["language"]
    pages = {row.code: place_file(row.code, language) for row in content.main.rows}
    data = explore_data(content, words, numbers, pages)
    chosen = {
        "outcomes": [
            (name, words.label("outcome", name))
            for name in dict.fromkeys(view.outcome for view in content.views)
        ],
        "models": [
            (name, words.label("model", name))
            for name in dict.fromkeys(view.model for view in content.views)
        ],
        "years": [(part, part) for part in parts_of(content.years)],
        "diagnoses": data["diagnoses"],
        "tenures": data["tenures"],
        "ages": [(part, words.level("age_band", part)) for part in parts_of(content.ages)],
    }
    scripts = ("search.js", "explore.js")
    return _page(
        "explore.html",
        "explore",
        shared,
        languages,
        scripts,
        data=data,
        chosen=chosen,
        csv_name=_csv_name(content, words),
    )


def _guides(
    content: Content, shared: dict[str, Any], languages: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    words, numbers = shared["t"], shared["n"]
    keys = dict(PAGES)
    printed = _method(content, words, numbers)
    for page in guide_pages(content, words, numbers):
        context = {**printed, **page.context, "page_key": keys[page.name]}
        text = _page(page.template, page.name, shared, languages, **context)
        yield page_file(page.name, shared["language"]), text


def _method(content: Content, words: Words, numbers: Numbers) -> dict[str, Any]:
    """Return what ``method.html`` prints: coefficients by factor, and the settings."""
    return {
        "coefficients": [(outcome, _by_factor(rows)) for outcome, rows in content.coefficients],
        "models": list(dict.fromkeys(view.model for view in content.views)),
        "settings": [(setting, shown(setting, words, numbers)) for setting in content.settings],
    }


def _places(
    content: Content, shared: dict[str, Any], languages: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    lookup = Lookup(content)
    listed = content.places
    for at, place in enumerate(listed):
        text = _page(
            "place.html",
            f"{PLACE_FOLDER}/{place.code}",
            shared,
            languages,
            before=listed[at - 1] if at else None,
            after=listed[at + 1] if at + 1 < len(listed) else None,
            n_similar=N_SIMILAR,
            **place_context(place, lookup, shared["t"], shared["n"]),
        )
        yield place_file(place.code, shared["language"]), text


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["m"] = environment.get_template("macros.html").module
    return environment


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _drawn(view: View, content: Content, words: Words, numbers: Numbers) -> dict[str, Any]:
    partly = [row for row in view.rows if row.coverage < 1]
    return {
        "caterpillar": charts.caterpillar(view, content, words, numbers),
        "funnel": charts.funnel(view, content, words, numbers),
        "without": ", ".join(row.name for row in view.rows if row.odds is None),
        "tiles": tile_map.tiles(view),
        "is_shrunken": tile_map.is_shrunken(view),
        "partly": ", ".join(
            words("ranking.coverage_one", name=row.name, share=numbers.percent(row.coverage))
            for row in partly
        ),
        "csv": data_link(_ranking_csv(view, content, words, numbers)),
        "csv_name": _csv_name(content, words),
    }


def _csv_name(content: Content, words: Words) -> str:
    mark = f"-{words('mark.short').replace(' ', '-')}" if content.run.is_synthetic else ""
    return f"{words('explore.csv_name')}{mark}.csv"


def _ranking_csv(view: View, content: Content, words: Words, numbers: Numbers) -> str:
    what = f"{words.label('outcome', view.outcome)} · {words.label('model', view.model)}"
    mark = words("mark.short") if content.run.is_synthetic else ""
    rows = [
        (
            *(row.code, row.name, row.region or "", row.observed, row.expected),
            *(row.ratio, row.ratio_low, row.ratio_high, row.rank, row.rank_low, row.rank_high),
            *(what, mark),
        )
        for row in view.rows
    ]
    return csv_text(words.all("explore.csv_header"), rows, numbers)


def _by_region(view: View) -> list[tuple[str, list[Any]]]:
    rows = sorted(view.rows, key=lambda row: (danish_order(row.region or ""), row.alphabetical))
    return [(name, list(of)) for name, of in groupby(rows, key=lambda row: row.region or "")]


def _map_steps(words: Words, numbers: Numbers) -> list[str]:
    edges = [numbers.number(edge, 2) for edge in tile_map.EDGES]
    between = [words("map.between", low=low, high=high) for low, high in pairwise(edges)]
    return [words("map.below", high=edges[0]), *between, words("map.above", low=edges[-1])]


def _what_if(content: Content, words: Words, numbers: Numbers) -> list[dict[str, Any]]:
    chosen = [row for row in content.counterfactuals if row.model == content.main.model]
    order = [view.outcome for view in content.views]
    chosen.sort(key=lambda row: order.index(row.outcome) if row.outcome in order else len(order))
    ends = [
        (end or 0.0) / row.observed
        for row in chosen
        for end in (row.low, row.high, row.fewer)
        if row.observed
    ]
    first, last = min([0.0, *ends]), max([0.01, *ends])

    def place(share: float) -> float:
        return 100 * (share - first) / (last - first)

    tables = []
    for outcome, rows in groupby(chosen, key=lambda row: row.outcome):
        lines = []
        for row in rows:
            k = lowest_k(row.standard)
            low, high = row.low, row.high
            known = low is not None and high is not None and row.observed > 0
            lines.append(
                {
                    "row": row,
                    "standard": words("standard.lowest", k=numbers.count(k)) if k else row.standard,
                    "at": place(row.share),
                    "zero": place(0.0),
                    "low": place(low / row.observed) if known and low is not None else None,
                    "high": place(high / row.observed) if known and high is not None else None,
                }
            )
        tables.append({"outcome": outcome, "lines": lines})
    return tables


def _recovery(content: Content, words: Words) -> dict[str, Any]:
    columns = [
        (view.outcome, view.model)
        for view in content.views
        if any((row.outcome, row.model) == (view.outcome, view.model) for row in content.recovery)
    ]
    found = {(row.measure, row.outcome, row.model): row for row in content.recovery}
    known = [
        "rank_correlation",
        "coverage_95",
        "rank_set_coverage",
        "effect_rmse",
    ]
    names = {row.measure for row in content.recovery}
    measures = [name for name in known if name in names] + sorted(names.difference(known))
    groups = [(name, list(of)) for name, of in groupby(columns, key=lambda column: column[0])]
    truths = {row.measure: row.truth for row in content.recovery}
    return {
        "truths": truths,
        "groups": groups,
        "columns": columns,
        "measures": measures,
        "found": found,
    }


def _by_factor(rows: tuple[Coefficient, ...]) -> list[tuple[str, list[dict[str, Any]]]]:
    return [
        (term, [{"row": row, "by_model": {m: (b, se) for m, b, se in row.estimates}} for row in of])
        for term, of in groupby(rows, key=lambda row: row.term)
    ]
