"""Diagnosis by cash-benefit tenure: the country, and each municipality.

A suppressed cell never carries its count further, whatever the table holds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from pipeline.codes import diagnosis_groups, factor_levels
from reports.content.cells import Cell, MunicipalCells, NationalCell, NationalTable
from reports.content.content import OUTCOME_ORDER, View
from reports.content.values import in_order, real


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

    ``cells`` are the country's of one model. A margin has an observed count only where every cell
    of its line has one, so that it tells nothing the cells do not; the corner has the outcome's
    total of ``views``, which the benchmark publishes whatever is hidden.
    """
    totals = {view.outcome: view.observed for view in views if view.model == model}
    listed = _national_cells(cells)
    tables = []
    for outcome in in_order(cells["outcome"], OUTCOME_ORDER):
        inner = [
            [listed.get((outcome, group, band), _UNLISTED) for band in tenures]
            for group in diagnoses
        ]
        every = [cell for line in inner for cell in line]
        rows = [(*line, _margin(line)) for line in inner]
        columns = [_margin(column) for column in zip(*inner, strict=True)]
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


def municipal_cells(
    cells: pd.DataFrame, diagnoses: tuple[str, ...], tenures: tuple[str, ...]
) -> tuple[MunicipalCells, ...]:
    """Return each municipality's cells per outcome and model, by diagnosis and then tenure.

    A cell the release does not list has an expected count of 0 and no observed count.
    """
    places = {
        (diagnosis, tenure): row * len(tenures) + column
        for row, diagnosis in enumerate(diagnoses)
        for column, tenure in enumerate(tenures)
    }
    tables: dict[tuple[str, str, str], list[Cell]] = {}
    columns = ["outcome", "model", "municipality_code", "diagnosis_group", "tenure_band"]
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
        found = tables.setdefault((str(outcome), str(model), str(code)), [unlisted] * len(places))
        found[places[group, band]] = Cell(
            observed=None if is_hidden else int(observed),
            expected=float(expected),
            ratio_low=None if is_hidden else real(low),
            ratio_high=None if is_hidden else real(high),
            is_suppressed=is_hidden,
            ratio=None if is_hidden else real(ratio),
        )
    return tuple(
        MunicipalCells(outcome, model, code, tuple(found))
        for (outcome, model, code), found in sorted(tables.items())
    )


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
