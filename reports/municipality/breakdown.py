"""The breakdown of a municipality: one dimension at a time, three by three, then every cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from reports.charts.bars import count_bar, practice_bar
from reports.content.cells import Axes, MunicipalCells
from reports.content.cells import Cell as Count
from reports.content.municipality import Level
from reports.content.slices import DIMENSIONS
from reports.language.formatting import MISSING, SUPPRESSED
from reports.municipality.view import Own
from reports.told.blocks import (
    Body,
    Cell,
    Column,
    Fold,
    Row,
    Section,
    Table,
    Text,
    column,
    folded,
)
from reports.told.cells import cell_table
from reports.told.heat import ABOUT, cell_of, heat_kind, sum_of

#: How much longer than the largest number the scale of the bars is, for the intervals.
_ROOM = 1.2
_SIGNS = {"fewer-sure": "▾", "more-sure": "▴"}


def breakdown(p: Own) -> Section:
    """Return bars by diagnosis, tenure and age, then their crosses, per outcome."""
    t, n = p.t, p.n
    title = t("place_cells.title")
    blocks: list[Any] = []
    for outcome in p.outcomes:
        if p.row(outcome) is None:
            continue
        listed = [*one_ways(p, outcome), *crosses(p, outcome)]
        if listed:
            blocks += folded(outcome, p.main_outcome, p.outcome(outcome), listed)
    if not blocks:
        return Section("cells", title, (Text(t("breakdown.missing"), "notice"),))
    blocks.insert(0, Text(t("place_cells.lead")))
    said = _said_of_practice(p)
    if said:
        blocks.insert(1, Text(said, "note"))
    legend = t("place_cells.legend", share=n.percent(ABOUT))
    if said:
        legend += " " + t("place_cells.legend_practice")
    blocks += [
        Text(legend, "note"),
        Text(t("place_cells.many"), "note"),
        *p.noise_note(),
    ]
    return Section("cells", title, tuple(blocks))


def _said_of_practice(p: Own) -> str:
    """Return what practice is, and of which levels it is there; nothing where it is of none."""
    rows = [one for name in DIMENSIONS for one, _ in p.listed(name)]
    if not any(one.odds for one in rows):
        return ""
    said = [p.t("place_cells.practice_note")]
    if any(one.odds and one.observed is None for one in rows):
        said.append(p.t("place_cells.practice_hidden"))
    if any(one.odds is None for one in rows):
        said.append(p.t("place_cells.practice_few"))
    return " ".join(said)


def one_ways(p: Own, outcome: str) -> list[Any]:
    """Return a table with bars for each dimension that has levels."""
    return [
        _one_way(p, outcome, dimension, rows)
        for dimension in DIMENSIONS
        if (rows := p.listed(dimension, outcome))
    ]


def _one_way(p: Own, outcome: str, dimension: str, rows: Sequence[tuple[Level, str]]) -> Table:
    t = p.t
    top = max(max(one.observed or 0, one.expected) for one, _ in rows) * _ROOM
    has_practice = any(one.odds is not None for one, _ in rows)
    columns = [
        column(t(f"sheet.{dimension}"), width=26.0),
        Column(t("place_cells.bars"), t("place_cells.bars_note"), "drawn", 18.0),
        Column(t("ranking.observed"), width=9.0),
        Column(t("ranking.expected"), width=9.0),
        Column(t("ranking.ratio"), f"({t('ranking.ratio_interval')})", width=16.0),
    ]
    if has_practice:
        columns += [
            Column(t("place_cells.practice"), f"({t('ranking.ratio_interval')})", width=16.0),
            Column(t("place_cells.practice_drawn"), "", "drawn", 14.0, is_wide_only=True),
        ]
    lines = tuple(
        Row(
            Cell(t.level(one.dimension, one.level)),
            (
                Cell(drawing=_bar(one, top)),
                *_counts(p, one),
                *(_practice(p, one) if has_practice else ()),
            ),
            look,
        )
        for one, look in rows
    )
    caption = t(
        f"place_cells.caption_{dimension}",
        name=p.place.name,
        outcome=p.outcome(outcome),
        years=p.years,
    )
    return Table(caption, tuple(columns), (Body(lines),), look="one-way heat")


def _bar(one: Level, top: float) -> str:
    limits = [
        None if limit is None else limit * one.expected for limit in (one.ratio_low, one.ratio_high)
    ]
    return count_bar(one.observed, one.expected, limits[0], limits[1], top)


def _counts(p: Own, one: Level) -> tuple[Cell, ...]:
    expected = Cell(p.n.number(one.expected))
    if one.observed is None:
        hidden = Cell(SUPPRESSED, look="hidden-count", said=p.t("breakdown.suppressed"))
        return hidden, expected, Cell(SUPPRESSED, look="hidden-count")
    ratio = Cell(
        MISSING if one.ratio is None else p.n.number(one.ratio, 2),
        soft=f"({p.n.interval(one.ratio_low, one.ratio_high)})",
    )
    marked = _marked(p, ratio, heat_kind(cell_of(one)))
    return Cell(p.n.count(one.observed)), expected, marked


def _marked(p: Own, number: Cell, look: str) -> Cell:
    """Return ``number`` in a look, with the mark that says that its interval is beyond 1."""
    said = {"fewer-sure": p.t("breakdown.fewer"), "more-sure": p.t("breakdown.more")}
    return replace(number, look=look, sign=_SIGNS.get(look, ""), said=said.get(look, ""))


def _practice(p: Own, one: Level) -> tuple[Cell, ...]:
    """Return the shrunken practice effect with its interval, marked where that is beyond 1."""
    if one.odds is None or one.odds_low is None or one.odds_high is None:
        return Cell(MISSING), Cell()
    look = "fewer-sure" if one.odds_high < 1 else "more-sure" if one.odds_low > 1 else ""
    number = Cell(p.n.number(one.odds, 2), soft=f"({p.n.interval(one.odds_low, one.odds_high)})")
    drawn = Cell(drawing=practice_bar(one.odds, one.odds_low, one.odds_high))
    return _marked(p, number, look), drawn


def crosses(p: Own, outcome: str) -> list[Any]:
    """Return diagnosis by tenure of one outcome: three by three, and every cell folded below."""
    content = p.content
    main, table = p.lookup.main_cells.get(p.key(outcome)), p.lookup.cells.get(p.key(outcome))
    listed: list[Any] = []
    if main is not None:
        listed.append(_cross(p, outcome, content.main_axes, main))
    if table is None:
        return listed
    every: list[Any] = [_cross(p, outcome, content.axes, table)]
    hidden = sum(cell.is_suppressed for cell in table.cells)
    if hidden:
        counts = {"hidden": hidden, "cells": len(table.cells)}
        said = {key: p.n.count(value) for key, value in counts.items()}
        every.append(Text(p.t(p.protected("place_cells.hidden"), **said), "note"))
    if main is None:
        return every
    return [*listed, Fold(p.t("place_cells.every", n=p.n.count(len(table.cells))), tuple(every))]


def _cross(p: Own, outcome: str, axes: Axes, table: MunicipalCells) -> Table:
    """Return a table of cells with its margins, as published where the release has them."""
    t, own = p.t, p.row(outcome)
    (of_rows, groups), (of_columns, bands) = axes.rows, axes.columns
    width, counts = len(bands), table.cells
    rows = []
    for place, group in enumerate(groups):
        of = list(counts[place * width : (place + 1) * width])
        margin = _margin(p, outcome, of_rows, group) or sum_of(of)
        cells = tuple(count(p, one) for one in [*of, margin])
        rows.append(Row(Cell(t.level(of_rows, group)), cells))
    sums = [
        _margin(p, outcome, of_columns, band) or sum_of(list(counts[place::width]))
        for place, band in enumerate(bands)
    ]
    if own is not None:
        sums.append(Count(own.observed, own.expected, own.ratio_low, own.ratio_high, False))
    total = Row(Cell(t("breakdown.total")), tuple(count(p, one) for one in sums), "total")
    caption = t("place_cells.caption", name=p.place.name, outcome=p.outcome(outcome), years=p.years)
    names = tuple(t.level(of_columns, band) for band in bands)
    return cell_table(p, caption, names, [*rows, total], "cells heat")


def _margin(p: Own, outcome: str, dimension: str, level: str) -> Count | None:
    shown = p.levels(dimension, outcome).get(level)
    return None if shown is None else cell_of(shown)


def count(p: Own, cell: Count) -> Cell:
    """Return a count over its expected number, shaded by how far off and how sure."""
    kind = heat_kind(cell)
    expected = p.t("breakdown.expected_short", value=p.n.number(cell.expected))
    if cell.observed is None:
        hidden = p.t("breakdown.suppressed")
        return Cell(SUPPRESSED, lines=(expected,), look=kind, said=hidden)
    return _marked(p, Cell(p.n.count(cell.observed), lines=(expected,)), kind)
