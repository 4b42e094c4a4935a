"""Content in, one HTML text per language out: pure, no files but the templates."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports import charts, tile_map
from reports.choices import shown, words_for
from reports.content import Coefficient, Content, View
from reports.explore import explore_data
from reports.findings import lowest_k
from reports.formatting import MISSING, SUPPRESSED, Numbers
from reports.sentences import findings_in_words
from reports.words import Words

FOLDER = Path(__file__).parent
#: File of each language, linked from the others.
FILES = {"da": "index.html", "en": "index.en.html"}


def render(content: Content, language: str, languages: tuple[str, ...]) -> str:
    """Return the page in ``language``, linking to those of ``languages`` that are not itself."""
    words, numbers = words_for(content.choices, language), Numbers(language)
    script = (FOLDER / "page.js").read_text(encoding="utf-8")
    context: dict[str, Any] = {
        "c": content,
        "t": words,
        "n": numbers,
        "years": numbers.years(content.run.years) if content.run.years else content.run.window,
        "findings": findings_in_words(content, words, numbers),
        "views": [_drawn(view, content, words, numbers) for view in content.views],
        "map_steps": _map_steps(words, numbers),
        "what_if": _what_if(content, words, numbers),
        "recovery": _recovery(content, words),
        "coefficients": [(outcome, _by_factor(rows)) for outcome, rows in content.coefficients],
        "models": list(dict.fromkeys(view.model for view in content.views)),
        "outcomes": list(dict.fromkeys(view.outcome for view in content.views)),
        "glossary": [term.split(" | ") for term in words.all("glossary.terms")],
        "data": explore_data(content, words, numbers) if content.municipal else None,
        "settings": [(setting, shown(setting, words, numbers)) for setting in content.settings],
        "others": [(other, FILES[other]) for other in languages if other != language],
        "style": Markup((FOLDER / "style.css").read_text(encoding="utf-8")),
        "script": Markup(script),
        "script_hash": _hash(script),
        "direction": charts.direction,
        "MISSING": MISSING,
        "SUPPRESSED": SUPPRESSED,
    }
    return _environment().get_template("page.html").render(context)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _drawn(view: View, content: Content, words: Words, numbers: Numbers) -> dict[str, Any]:
    partly = [row for row in view.rows if row.coverage < 1]
    return {
        "view": view,
        "caterpillar": charts.caterpillar(view, content, words, numbers),
        "funnel": charts.funnel(view, content, words, numbers),
        "without": ", ".join(row.name for row in view.rows if row.odds is None),
        "tiles": tile_map.tiles(view),
        "is_shrunken": tile_map.is_shrunken(view),
        "partly": ", ".join(
            words("ranking.coverage_one", name=row.name, share=numbers.percent(row.coverage))
            for row in partly
        ),
    }


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
