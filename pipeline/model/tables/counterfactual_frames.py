"""Result frame of the counterfactual: fewer grants if all granted like a standard."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.model.inference.standards import apply_standard
from pipeline.model.national.cells import YEAR, CellTable
from pipeline.model.national.expected import Expected
from pipeline.model.national.specification import Specification
from pipeline.model.tables.frames import make_frame


def counterfactual_frame(
    outcome: str, model: str, table: CellTable, expected: Expected, specification: Specification
) -> pd.DataFrame:
    """Return ``counterfactual`` of one fit; no split-year unless both halves have grants."""
    halves = _halves(table, expected)
    items = [
        (name, item)
        for name in specification.standards
        for item in apply_standard(
            name,
            table.observed,
            expected.expected,
            halves if all(half.sum() > 0 for half in halves) else None,
            table.municipality_codes,
            specification.level,
            specification.draw_seed(outcome, model),
            table.noise_variance,
            *table.transitions,
        )
    ]
    return make_frame(
        "counterfactual",
        outcome,
        model,
        method=[item.method for _, item in items],
        standard=[name for name, _ in items],
        municipality_codes=[
            ",".join(table.municipality_codes[unit] for unit in item.chosen) for _, item in items
        ],
        fewer_grants=[item.fewer_grants for _, item in items],
        fewer_low=[item.low for _, item in items],
        fewer_high=[item.high for _, item in items],
        # Of the grants shown: with noise those of the years do not add up to those of all.
        fewer_share=[item.fewer_grants / table.observed.sum() for _, item in items],
    )


def _halves(
    table: CellTable, expected: Expected
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return (M, years) observed and expected of the window's first half, then of the rest.

    The first half of one year is empty; of three years it is the first.
    """
    observed, (expects,) = table.observed_by_year, table.by_level(YEAR, expected.expected_cells)
    half = len(table.levels[YEAR]) // 2
    return (
        observed[:, :half],
        expects[:, :half],
        observed[:, half:],
        expects[:, half:],
    )
