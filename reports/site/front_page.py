"""What the front page and the appendix print beside the content: charts, tables and downloads."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import Any

from reports.charts import large as charts
from reports.charts import tiles as tile_map
from reports.content.content import Coefficient, Content, View
from reports.content.findings import lowest_k
from reports.language.csv_text import csv_text, data_link
from reports.language.formatting import Numbers, danish_order
from reports.language.words import Words


def drawn(view: View, content: Content, words: Words, numbers: Numbers) -> dict[str, Any]:
    """Return the charts, the tiles and the download of ``view``."""
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
        "csv_name": csv_name(content, words),
    }


def csv_name(content: Content, words: Words) -> str:
    """Return the name of a download; synthetic data carry their mark in it."""
    mark = f"-{words('mark.short').replace(' · ', '-').replace(' ', '-')}"
    mark = mark if content.run.is_synthetic else ""
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


def by_region(view: View) -> list[tuple[str, list[Any]]]:
    """Return the municipalities of ``view`` by region, both in alphabetical order."""
    rows = sorted(view.rows, key=lambda row: (danish_order(row.region or ""), row.alphabetical))
    return [(name, list(of)) for name, of in groupby(rows, key=lambda row: row.region or "")]


def map_steps(words: Words, numbers: Numbers) -> list[str]:
    """Return the texts of the map's classes, from fewest to most."""
    edges = [numbers.number(edge, 2) for edge in tile_map.EDGES]
    between = [words("map.between", low=low, high=high) for low, high in pairwise(edges)]
    return [words("map.below", high=edges[0]), *between, words("map.above", low=edges[-1])]


def what_if(content: Content, words: Words, numbers: Numbers) -> list[dict[str, Any]]:
    """Return the counterfactuals by outcome, each placed on a scale from 0 to 100."""
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


def recovery(content: Content, words: Words) -> dict[str, Any]:
    """Return the recovery scores as a table: measures down, outcomes and models across."""
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


def by_factor(rows: tuple[Coefficient, ...]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return coefficients by factor, each with its estimates by model."""
    return [
        (term, [{"row": row, "by_model": {m: (b, se) for m, b, se in row.estimates}} for row in of])
        for term, of in groupby(rows, key=lambda row: row.term)
    ]
