"""Sums of a quantity over the columns of a design: X'w, for the country or by municipality.

Factors are packed together as in the factor logit, so that a dozen factors take three tables.
"""

from __future__ import annotations

import numpy as np

from pipeline.model.national.cells import CellTable
from pipeline.model.national.design import Design


def sum_columns(design: Design, weights: np.ndarray) -> np.ndarray:
    """Return (K,) sums of (P,) pattern weights at each factor column; base columns get 0."""
    total = np.zeros((1, len(design.columns) + 1))
    for number, joint in enumerate(design.joint):
        table = np.bincount(joint, weights, design.packing.sizes[number])
        _spread(design, number, table[None, :], total)
    return total[0, :-1]


def sum_columns_by_municipality(
    table: CellTable, design: Design, weights: np.ndarray
) -> np.ndarray:
    """Return (M, K) sums of (n,) cell weights over each municipality at each factor column."""
    n_units = len(table.municipality_codes)
    total = np.zeros((n_units, len(design.columns) + 1))
    for number, joint in enumerate(design.joint):
        size = design.packing.sizes[number]
        place = table.municipality * size + joint[table.pattern]
        grid = np.bincount(place, weights, n_units * size)
        _spread(design, number, grid.reshape(n_units, size), total)
    return total[:, :-1]


def cross_columns(design: Design, weights: np.ndarray) -> np.ndarray:
    """Return X' diag(w) X, (K, K), of (P,) pattern weights at the factor columns; bases get 0.

    Sums of products run in one order, so the result does not depend on the number of threads.
    """
    size = len(design.columns)
    total = np.zeros((size, size))
    maps = [_level_map(design, number) for number in range(len(design.joint))]
    for i, joint in enumerate(design.joint):
        own = np.bincount(joint, weights, len(maps[i]))
        total += np.einsum("la,lb->ab", maps[i] * own[:, None], maps[i], optimize=False)
        for j in range(i):
            width = len(maps[j])
            place = joint.astype(np.int64) * width + design.joint[j]
            grid = np.bincount(place, weights, len(maps[i]) * width).reshape(-1, width)
            half = np.einsum("lm,mb->lb", grid, maps[j], optimize=False)
            part = np.einsum("la,lb->ab", maps[i], half, optimize=False)
            total += part + part.T
    return total


def _level_map(design: Design, number: int) -> np.ndarray:
    """Return the (L, K) 0/1 matrix of the columns of each joint code of a super-factor."""
    group = design.packing.groups[number]
    columns = np.zeros((design.packing.sizes[number], len(design.columns) + 1))
    every = np.arange(len(columns))
    for position, levels in zip(group, design.packing.levels_of(number), strict=True):
        columns[every, design.level_columns[position][levels]] = 1.0
    return columns[:, :-1]


def _spread(design: Design, number: int, grid: np.ndarray, total: np.ndarray) -> None:
    """Add super-factor ``number``'s (M, L) sums to the (M, K + 1) columns of its levels."""
    group = design.packing.groups[number]
    sizes = [len(design.packing.factors[position].levels) for position in group]
    by_level = grid.reshape(len(grid), *sizes)
    for axis, position in enumerate(group, start=1):
        others = tuple(other for other in range(1, by_level.ndim) if other != axis)
        margin = by_level.sum(axis=others)
        # Reference and merged levels share the last column, so one level at a time.
        for level, column in enumerate(design.level_columns[position]):
            total[:, column] += margin[:, level]
