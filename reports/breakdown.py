"""Diagnosis by cash-benefit tenure: the country from published cells only, and each municipality.

A suppressed cell never carries its count further, whatever the table holds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from pipeline.codes import diagnosis_groups, factor_levels
from reports.content import (
    OUTCOME_ORDER,
    Cell,
    MunicipalCells,
    NationalCell,
    NationalTable,
    View,
)
from reports.values import in_order, real


def axes(cells: pd.DataFrame) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return diagnosis groups and tenure bands found in ``cells``, in reporting order."""
    return (
        in_order(cells["diagnosis_group"], diagnosis_groups()),
        in_order(cells["tenure_band"], factor_levels()["tenure_band"]),
    )


def national_tables(
    cells: pd.DataFrame,
    views: tuple[View, ...],
    model: str,
    diagnoses: tuple[str, ...],
    tenures: tuple[str, ...],
) -> tuple[NationalTable, ...]:
    """Return one table per outcome with margins as last row and column.

    ``observed_published`` adds municipal cells that are published; hidden cells are counted, not
    filled in, so that nothing can be told about them that the municipal tables do not tell.
    """
    totals = {view.outcome: view.observed for view in views if view.model == model}
    summed = _summed(cells)
    tables = []
    for outcome in in_order(cells["outcome"], OUTCOME_ORDER):
        rows = [
            _with_margin([summed.get((outcome, group, band), _EMPTY) for band in tenures])
            for group in diagnoses
        ]
        margin = tuple(_added(column) for column in zip(*rows, strict=True))
        tables.append(
            NationalTable(
                outcome=outcome,
                diagnoses=diagnoses,
                tenures=tenures,
                cells=(*rows, margin),
                observed_total=totals.get(outcome, 0),
                n_suppressed=margin[-1].n_suppressed,
                n_cells=margin[-1].n_cells,
            )
        )
    return tuple(tables)


def municipal_cells(
    cells: pd.DataFrame, diagnoses: tuple[str, ...], tenures: tuple[str, ...]
) -> tuple[MunicipalCells, ...]:
    """Return each municipality's cells per outcome, diagnosis by diagnosis, tenure by tenure.

    A cell the release does not list has an expected count of 0 and no observed count.
    """
    places = {
        (diagnosis, tenure): row * len(tenures) + column
        for row, diagnosis in enumerate(diagnoses)
        for column, tenure in enumerate(tenures)
    }
    tables: dict[tuple[str, str], list[Cell]] = {}
    columns = ["outcome", "municipality_code", "diagnosis_group", "tenure_band"]
    columns += ["observed", "expected", "ratio_low", "ratio_high"]
    values = zip(*(cells[column].tolist() for column in columns), _hidden(cells), strict=True)
    unlisted = Cell(None, 0.0, None, None, False)
    for outcome, code, group, band, observed, expected, low, high, is_hidden in values:
        found = tables.setdefault((str(outcome), str(code)), [unlisted] * len(places))
        found[places[group, band]] = Cell(
            observed=None if is_hidden else int(observed),
            expected=float(expected),
            ratio_low=None if is_hidden else real(low),
            ratio_high=None if is_hidden else real(high),
            is_suppressed=is_hidden,
        )
    return tuple(
        MunicipalCells(outcome, code, tuple(found))
        for (outcome, code), found in sorted(tables.items())
    )


def _hidden(cells: pd.DataFrame) -> list[bool]:
    return (cells["is_suppressed"].astype(bool) | cells["observed"].isna()).tolist()


def _summed(cells: pd.DataFrame) -> dict[tuple[str, str, str], NationalCell]:
    frame = cells.assign(hidden=_hidden(cells), one=1)
    frame["observed"] = frame["observed"].where(~frame["hidden"], 0).astype("int64")
    keys = ["outcome", "diagnosis_group", "tenure_band"]
    grouped = frame.groupby(keys)[["observed", "expected", "hidden", "one"]].sum()
    return {
        key: NationalCell(int(observed), float(expected), int(hidden), int(one))
        for key, observed, expected, hidden, one in grouped.itertuples(name=None)
    }


_EMPTY = NationalCell(0, 0.0, 0, 0)


def _added(cells: Iterable[NationalCell]) -> NationalCell:
    parts = list(cells)
    return NationalCell(
        observed_published=sum(part.observed_published for part in parts),
        expected=math.fsum(part.expected for part in parts),
        n_suppressed=sum(part.n_suppressed for part in parts),
        n_cells=sum(part.n_cells for part in parts),
    )


def _with_margin(cells: list[NationalCell]) -> tuple[NationalCell, ...]:
    return (*cells, _added(cells))
