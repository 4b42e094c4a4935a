"""Diagnosis by cash-benefit tenure: the country from published cells only, and each municipality.

A suppressed cell never carries its count further, whatever the table holds.
"""

from __future__ import annotations

import math

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
from reports.values import in_order


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
    tables = []
    for outcome in in_order(cells["outcome"], OUTCOME_ORDER):
        chosen = cells[cells["outcome"] == outcome]
        by_tenure = [chosen[chosen["tenure_band"] == tenure] for tenure in tenures]
        rows = []
        for diagnosis in diagnoses:
            parts = [part[part["diagnosis_group"] == diagnosis] for part in by_tenure]
            whole = chosen[chosen["diagnosis_group"] == diagnosis]
            rows.append(tuple(_national(part) for part in [*parts, whole]))
        margin = tuple(_national(part) for part in [*by_tenure, chosen])
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
    tables = []
    for (outcome, code), group in cells.groupby(["outcome", "municipality_code"], sort=True):
        found: list[Cell] = [Cell(None, 0.0, None, None, False)] * len(places)
        columns = ["diagnosis_group", "tenure_band", "observed", "expected"]
        columns += ["ratio_low", "ratio_high", "is_suppressed"]
        for diagnosis, tenure, observed, expected, low, high, hidden in group[columns].itertuples(
            index=False
        ):
            is_hidden = bool(hidden) or pd.isna(observed)
            found[places[str(diagnosis), str(tenure)]] = Cell(
                observed=None if is_hidden else int(observed),
                expected=float(expected),
                ratio_low=None if is_hidden or pd.isna(low) else float(low),
                ratio_high=None if is_hidden or pd.isna(high) else float(high),
                is_suppressed=is_hidden,
            )
        tables.append(MunicipalCells(str(outcome), str(code), tuple(found)))
    return tuple(tables)


def _national(cells: pd.DataFrame) -> NationalCell:
    hidden = cells["is_suppressed"].astype(bool) | cells["observed"].isna()
    return NationalCell(
        observed_published=int(cells.loc[~hidden, "observed"].sum()),
        expected=math.fsum(cells["expected"]),
        n_suppressed=int(hidden.sum()),
        n_cells=len(cells),
    )
