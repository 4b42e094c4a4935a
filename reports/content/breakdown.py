"""Diagnosis by cash-benefit tenure: the country, and each municipality.

A suppressed cell never carries its count further, whatever the table holds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from pipeline.codes import diagnosis_groups, factor_levels, main_levels
from reports.content.cells import Axes, Cell, MunicipalCells, NationalCell, NationalTable
from reports.content.content import OUTCOME_ORDER, View
from reports.content.municipality import Level
from reports.content.values import in_order, real


def axes(cells: pd.DataFrame) -> Axes:
    """Return diagnosis groups and tenure bands found in ``cells``, in reporting order."""
    return Axes(
        ("diagnosis_group", in_order(cells["diagnosis_group"], diagnosis_groups())),
        ("tenure_band", in_order(cells["tenure_band"], factor_levels()["tenure_band"])),
    )


def main_axes(cells: pd.DataFrame) -> Axes:
    """Return main diagnoses and main tenures found in ``cells``, none in a release without."""
    names = ("diagnosis_main", "tenure_main")
    if cells.empty:
        return Axes(*((name, ()) for name in names))
    orders = {name: tuple(dict.fromkeys(main_levels()[name][1].values())) for name in names}
    return Axes(*((name, in_order(cells[name], orders[name])) for name in names))


def national_tables(
    cells: pd.DataFrame, levels: Iterable[Level], views: tuple[View, ...], model: str, axes: Axes
) -> tuple[NationalTable, ...]:
    """Return one table per outcome with margins as last row and column.

    ``cells`` are the country's of one model. A margin is the country's count of ``levels``; a
    release without them has a sum of cells, only where every cell of the line has a count, so that
    it tells nothing the cells do not. The corner has the outcome's total of ``views``, which the
    release publishes whatever is hidden.
    """
    totals = {view.outcome: view.observed for view in views if view.model == model}
    known = {
        (one.outcome, one.dimension, one.level): _of_level(one)
        for one in levels
        if one.model == model and one.code == ""
    }
    listed = _national_cells(cells)
    (of_rows, diagnoses), (of_columns, tenures) = axes.rows, axes.columns
    tables = []
    for outcome in in_order(cells["outcome"], OUTCOME_ORDER):
        inner = [
            [listed.get((outcome, group, band), _UNLISTED) for band in tenures]
            for group in diagnoses
        ]
        every = [cell for line in inner for cell in line]
        rows = [
            (*line, known.get((outcome, of_rows, group)) or _margin(line))
            for group, line in zip(diagnoses, inner, strict=True)
        ]
        columns = [
            known.get((outcome, of_columns, band)) or _margin(column)
            for band, column in zip(tenures, zip(*inner, strict=True), strict=True)
        ]
        tables.append(
            NationalTable(
                outcome=outcome,
                diagnoses=diagnoses,
                tenures=tenures,
                cells=(*rows, (*columns, _margin(every, totals.get(outcome)))),
                n_suppressed=sum(cell.observed is None for cell in every),
                n_cells=len(every),
            )
        )
    return tuple(tables)


def cell_tables(cells: pd.DataFrame, axes: Axes) -> tuple[MunicipalCells, ...]:
    """Return the cells per outcome, model and municipality, by the rows and columns of ``axes``.

    A cell the release does not list has an expected count of 0 and no observed count.
    """
    if cells.empty:
        return ()
    (of_rows, rows), (of_columns, names) = axes.rows, axes.columns
    places = {
        (first, second): row * len(names) + column
        for row, first in enumerate(rows)
        for column, second in enumerate(names)
    }
    tables: dict[tuple[str, str, str], list[Cell]] = {}
    columns = ["outcome", "model", "municipality_code", of_rows, of_columns]
    columns += ["observed", "expected", "ratio", "ratio_low", "ratio_high"]
    values = zip(*(cells[column].tolist() for column in columns), _hidden(cells), strict=True)
    unlisted = Cell(None, 0.0, None, None, False)
    for (
        outcome,
        model,
        code,
        group,
        band,
        observed,
        expected,
        ratio,
        low,
        high,
        is_hidden,
    ) in values:
        of_place = tables.setdefault(
            (str(outcome), str(model), str(code)), [unlisted] * len(places)
        )
        of_place[places[group, band]] = Cell(
            observed=None if is_hidden else int(observed),
            expected=float(expected),
            ratio_low=None if is_hidden else real(low),
            ratio_high=None if is_hidden else real(high),
            is_suppressed=is_hidden,
            ratio=None if is_hidden else real(ratio),
        )
    return tuple(
        MunicipalCells(outcome, model, code, tuple(of_place))
        for (outcome, model, code), of_place in sorted(tables.items())
    )


def _of_level(one: Level) -> NationalCell:
    return NationalCell(one.observed, one.expected, one.ratio, one.ratio_low, one.ratio_high)


def _hidden(cells: pd.DataFrame) -> list[bool]:
    return (cells["is_suppressed"].astype(bool) | cells["observed"].isna()).tolist()


#: A cell the release does not list; its count is not known to be zero.
_UNLISTED = NationalCell(None, 0.0, None)


def _national_cells(cells: pd.DataFrame) -> dict[tuple[str, str, str], NationalCell]:
    columns = ["outcome", "diagnosis_group", "tenure_band"]
    columns += ["observed", "expected", "ratio", "ratio_low", "ratio_high"]
    values = zip(*(cells[column].tolist() for column in columns), _hidden(cells), strict=True)
    return {
        (str(outcome), str(group), str(band)): NationalCell(
            None if is_hidden else int(observed),
            float(expected),
            *((None,) * 3 if is_hidden else (real(ratio), real(low), real(high))),
        )
        for outcome, group, band, observed, expected, ratio, low, high, is_hidden in values
    }


def _margin(cells: Iterable[NationalCell], published: int | None = None) -> NationalCell:
    """Return the sum of ``cells``; ``published`` is the observed count known from elsewhere."""
    line = list(cells)
    expected = math.fsum(cell.expected for cell in line)
    observed = published
    if observed is None and all(cell.observed is not None for cell in line):
        observed = sum(cell.observed or 0 for cell in line)
    ratio = None if observed is None or expected <= 0 else observed / expected
    return NationalCell(observed, expected, ratio)
