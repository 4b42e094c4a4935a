"""The compact data the page's script shows for a chosen municipality."""

from __future__ import annotations

from typing import Any

from reports.content import Cell, Content, View
from reports.formatting import MISSING, SUPPRESSED, Numbers
from reports.words import Words


def explore_data(content: Content, words: Words, numbers: Numbers) -> dict[str, Any]:
    """Return labels, a summary sentence and the cells per outcome and municipality.

    A cell is ``[observed or null, expected, sign]`` with sign -1, 0 or 1 by where the interval of
    O/E lies against 1; ``0`` stands for a cell the release does not list. A suppressed cell is
    null and carries no sign.
    """
    views = {view.outcome: view for view in content.views if view.model == content.main.model}
    cells: dict[str, dict[str, list[Any]]] = {}
    for table in content.municipal:
        if table.model != content.main.model:
            continue
        packed = [_pack(cell) for cell in table.cells]
        cells.setdefault(table.outcome, {})[table.code] = packed
    places = sorted(content.main.rows, key=lambda row: row.alphabetical)
    return {
        "places": [[row.code, row.name] for row in places],
        "outcomes": [[name, words.label("outcome", name)] for name in views if name in cells],
        "diagnoses": [words.diagnosis(group) for group in content.diagnoses],
        "tenures": [words.level("tenure_band", band) for band in content.tenures],
        "summaries": {name: _summaries(view, words, numbers) for name, view in views.items()},
        "cells": cells,
        "totals": {
            name: {row.code: [row.observed, round(row.expected, 1)] for row in view.rows}
            for name, view in views.items()
        },
        "words": {
            key: words(f"breakdown.{key}")
            for key in ("suppressed", "more", "fewer", "total", "diagnosis", "expected_word")
        },
        "found": words("ranking.search_found", found="{found}", total="{total}"),
        "missing": MISSING,
        "hidden": SUPPRESSED,
    }


def _pack(cell: Cell) -> Any:
    if cell.observed is None and not cell.is_suppressed:
        return 0
    sign = 0
    if cell.ratio_high is not None and cell.ratio_high < 1:
        sign = -1
    elif cell.ratio_low is not None and cell.ratio_low > 1:
        sign = 1
    expected = round(cell.expected, 1)
    return [cell.observed, expected, sign] if sign else [cell.observed, expected]


def _summaries(view: View, words: Words, numbers: Numbers) -> dict[str, str]:
    return {
        row.code: words(
            "breakdown.summary",
            name=row.name,
            observed=numbers.count(row.observed),
            expected=numbers.number(row.expected, 1),
            ratio=numbers.number(row.ratio, 2),
            interval=numbers.interval(row.ratio_low, row.ratio_high),
            rank=rank_with_interval(row.rank, row.rank_low, row.rank_high, words),
        )
        for row in view.rows
    }


def rank_with_interval(rank: int | None, low: int | None, high: int | None, words: Words) -> str:
    """Return ``12 (3–40)``; a rank without its interval is not shown."""
    if rank is None or low is None or high is None:
        return MISSING
    return words("ranking.rank_value", rank=rank, low=low, high=high)
