"""The numbers of parts on the explore page: years, ages, levels and cells, packed as text."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from reports.content.cells import Axes, MunicipalCells
from reports.content.municipality import Slice
from reports.content.slices import main_parts
from reports.content.values import in_order
from reports.told.telling import Telling

#: What stands for the country among the places.
COUNTRY = ""
#: Marks the choice of a main level; a level may have its name.
_MAIN = "main-"
#: A dimension and its levels.
Dimension = tuple[str, tuple[str, ...]]


def parts_of(slices: Iterable[Slice], order: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the distinct parts of ``slices``, those of ``order`` first."""
    return in_order({part.part for part in slices}, order)


def choices(p: Telling, fine: Dimension, main: Dimension) -> list[list[Any]]:
    """Return value, label, places in the fine dimension and place in the main one of each choice.

    The fine levels, then the main ones that put several together; those have no place of their own
    in the fine dimension, a fine level that is part of a larger one none in the main.
    """
    (dimension, levels), (of_main, mains) = fine, main
    parts = dict(main_parts(dimension, levels)) if mains else {}
    alone = {of[0]: mains.index(name) for name, of in parts.items() if len(of) == 1}
    listed: list[list[Any]] = [
        [level, p.t.level(dimension, level), [at], alone.get(level)]
        for at, level in enumerate(levels)
    ]
    return listed + [
        [_MAIN + name, p.t.level(of_main, name), [levels.index(one) for one in parts[name]], at]
        for at, name in enumerate(mains)
        if len(parts.get(name, ())) > 1
    ]


def slices(
    listed: tuple[Slice, ...], parts: tuple[str, ...], place: dict[str, int]
) -> dict[str, dict[str, dict[str, str]]]:
    """Return years or age bands by view and part, over the places."""
    tree: dict[str, dict[str, dict[str, list[Any]]]] = {}
    for one in listed:
        if one.code not in place:
            continue
        key = f"{one.outcome}-{one.model}"
        if key not in tree:
            tree[key] = {part: _empty(len(place)) for part in parts}
        view = tree[key]
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
        key: {part: _packed(table) for part, table in view.items()} for key, view in tree.items()
    }


def levels(p: Telling, place: dict[str, int]) -> dict[str, dict[str, dict[str, str]]]:
    """Return by view the levels of diagnosis and of tenure, by place and choice."""
    content = p.content
    tree: dict[str, dict[str, dict[str, list[Any]]]] = {}
    at_choice: dict[tuple[str, str], tuple[str, int, int]] = {}
    for name, fine, main in (
        ("diagnosis", content.axes.rows, content.main_axes.rows),
        ("tenure", content.axes.columns, content.main_axes.columns),
    ):
        names = [str(choice[0]) for choice in choices(p, fine, main)]
        for at, choice in enumerate(names):
            dimension = main[0] if choice.startswith(_MAIN) else fine[0]
            at_choice[dimension, choice.removeprefix(_MAIN)] = name, at, len(names)
    for one in content.levels:
        if (one.dimension, one.level) not in at_choice or one.code not in place:
            continue
        name, at, width = at_choice[one.dimension, one.level]
        tables = tree.setdefault(f"{one.outcome}-{one.model}", {})
        if name not in tables:
            tables[name] = {**_empty(width * len(place)), "s": [None] * (width * len(place))}
        table = tables[name]
        where = place[one.code] * width + at
        limits = (one.ratio, one.ratio_low, one.ratio_high)
        _put(table, where, one.observed, one.expected, *limits)
        table["s"][where] = short(one.odds)
    return {
        key: {name: _packed(table) for name, table in tables.items()}
        for key, tables in tree.items()
    }


def cells(
    tables: Iterable[MunicipalCells], axes: Axes, place: dict[str, int]
) -> dict[str, dict[str, str]]:
    """Return cells by view, over the places and in each over rows and columns."""
    size = len(axes.rows[1]) * len(axes.columns[1])
    tree: dict[str, dict[str, list[Any]]] = {}
    for table in tables:
        if table.code not in place:
            continue
        key = f"{table.outcome}-{table.model}"
        if key not in tree:
            tree[key] = _empty(size * len(place))
        view = tree[key]
        first = place[table.code] * size
        for at, cell in enumerate(table.cells):
            limits = (cell.ratio_low, cell.ratio_high)
            _put(view, first + at, cell.observed, cell.expected, cell.ratio, *limits)
    return {key: _packed(view) for key, view in tree.items()}


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


def _empty(size: int) -> dict[str, list[Any]]:
    return {
        "o": [None] * size,
        "e": [0] * size,
        "q": [None] * size,
        "l": [None] * size,
        "h": [None] * size,
    }


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
    table["e"][at] = short(expected)
    table["q"][at] = short(ratio)
    table["l"][at] = short(low)
    table["h"][at] = short(high)


def short(value: float | None) -> float | int | None:
    """Return ``value`` for the page, which rounds it once: ten digits are beyond every print."""
    if value is None or isinstance(value, int):
        return value
    if not math.isfinite(value):
        return None
    short = float(f"{value:.10g}")
    return int(short) if short == int(short) else short
