"""Sums of a quantity over the columns of a design: X'w, for the country or by municipality.

And grants beside what a fit says of them, by municipality and factor and by pairs of factors.

Factors are packed together as in the factor logit, so that a dozen factors take three tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import sparse

from pipeline.model.national.cells import CellTable
from pipeline.model.national.design import Design


def sum_columns(design: Design, weights: np.ndarray) -> np.ndarray:
    """Return (K,) sums of (P,) pattern weights at each factor column; base columns get 0."""
    total = np.zeros((1, len(design.columns) + 1))
    for number, joint in enumerate(design.joint):
        table = np.bincount(joint, weights, design.packing.sizes[number])
        _spread(design, number, table[None, :], total)
    return total[0, :-1]


class ColumnSums:
    """Sums of W pattern weights at once at each factor column, a block of patterns at a time."""

    def __init__(self, design: Design, n_weights: int) -> None:
        self._design = design
        self._grids = [np.zeros((size, n_weights)) for size in design.packing.sizes]

    def add(self, patterns: slice, weights: np.ndarray) -> None:
        """Add the weights (b, W) of b ``patterns``."""
        n = len(weights)
        for grid, joint in zip(self._grids, self._design.joint, strict=True):
            # A column for each pattern with a 1 at its joint code: the product adds whole rows.
            member = sparse.csc_array(
                (np.ones(n), joint[patterns], np.arange(n + 1)), (len(grid), n)
            )
            grid += member @ weights

    @property
    def total(self) -> np.ndarray:
        """(W, K) the sums; base columns have 0."""
        total = np.zeros((self._grids[0].shape[1], len(self._design.columns) + 1))
        for number, grid in enumerate(self._grids):
            _spread(self._design, number, grid.T, total)
        return total[:, :-1]


def sum_columns_by_municipality(
    table: CellTable, design: Design, weights: np.ndarray
) -> np.ndarray:
    """Return (M, K) sums of (n,) cell weights over each municipality at each factor column."""
    n_units = len(table.municipality_codes)
    total = np.zeros((n_units, len(design.columns) + 1))
    for number, joint in enumerate(design.rows.joint_of_cells):
        grid = table.by_unit_and(joint, weights, design.packing.sizes[number])
        _spread(design, number, grid, total)
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


def sum_levels(design: Design, weights: np.ndarray) -> list[np.ndarray]:
    """Return the sums (L,) of (P,) pattern weights by the levels of each factor, in order."""
    of_factor: dict[int, np.ndarray] = {}
    for number, joint in enumerate(design.joint):
        grid = np.bincount(joint, weights, design.packing.sizes[number])
        of_factor |= {position: of[0] for position, of in _margins(design, number, grid[None, :])}
    return [of_factor[position] for position in range(len(of_factor))]


def _spread(design: Design, number: int, grid: np.ndarray, total: np.ndarray) -> None:
    """Add super-factor ``number``'s (M, L) sums to the (M, K + 1) columns of its levels."""
    for position, margin in _margins(design, number, grid):
        # Reference and merged levels share the last column, so one level at a time.
        for level, column in enumerate(design.level_columns[position]):
            total[:, column] += margin[:, level]


def _margins(design: Design, number: int, grid: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the factors of a super-factor and the (M, levels) sums of its (M, L) sums by each."""
    group = design.packing.groups[number]
    sizes = [len(design.packing.factors[position].levels) for position in group]
    by_level = grid.reshape(len(grid), *sizes)
    for axis, position in enumerate(group, start=1):
        others = tuple(other for other in range(1, by_level.ndim) if other != axis)
        yield position, by_level.sum(axis=others)


@dataclass(frozen=True)
class Crossing:
    """(R, C) grants as counted, sums of their record keys, and what the fit says of them."""

    events: np.ndarray
    keys: np.ndarray
    expected: np.ndarray
    variance: np.ndarray


class Crossings:
    """The crossings of one fit.

    Grants are few. Expectation and variance are summed once by pairs of packed factors, and the
    factors' own tables are margins of those.
    """

    def __init__(
        self, table: CellTable, design: Design, expected: np.ndarray, variance: np.ndarray
    ) -> None:
        """``expected`` and ``variance`` are (n,), of the cells of ``table``."""
        self._table, self._packing, self._joint = table, design.packing, design.joint
        self._joint_of_cells = design.rows.joint_of_cells
        self._weights = expected, variance
        self._granted = table.granted

    def by_factor(self) -> Iterator[Crossing]:
        """Yield municipality by level for each factor of the table in order."""
        n_units = len(self._table.municipality_codes)
        grids = []
        for joint, size in zip(self._joint_of_cells, self._packing.sizes, strict=True):
            grids.append([self._table.by_unit_and(joint, w, size) for w in self._weights])
        for position, levels in enumerate(self._table.levels.values()):
            group = self._group_of(position)
            axes = [-1, *self._packing.groups[group]]
            shape = (n_units, *self._shape(group))
            yield self._with_grants(
                [_margin(grid.reshape(shape), axes, [-1, position]) for grid in grids[group]],
                self._table.municipality[self._granted],
                self._codes(position),
                (n_units, len(levels)),
            )

    def by_pair(self) -> Iterator[tuple[int, int, Crossing]]:
        """Yield two factors' positions and level by level, for each pair in order."""
        weights = [self._table.by_pattern(values) for values in self._weights]
        grids: dict[tuple[int, int], list[np.ndarray]] = {}
        sizes = [len(levels) for levels in self._table.levels.values()]
        for first, second in combinations(range(len(sizes)), 2):
            one, other = sorted((self._group_of(first), self._group_of(second)))
            if (one, other) not in grids:
                grids[one, other] = self._grids(one, other, weights)
            further = self._packing.groups[other] if one != other else ()
            axes = [*self._packing.groups[one], *further]
            yield (
                first,
                second,
                self._with_grants(
                    [_margin(grid, axes, [first, second]) for grid in grids[one, other]],
                    self._codes(first),
                    self._codes(second),
                    (sizes[first], sizes[second]),
                ),
            )

    def by_group(self, rows: np.ndarray, n_rows: int, group: np.ndarray, n_groups: int) -> Crossing:
        """Return the sums by ``rows`` (n,) of cells and ``group`` (P,) of patterns."""
        columns = group[self._table.pattern]
        place, shape = rows * np.int64(n_groups) + columns, (n_rows, n_groups)
        return self._with_grants(
            [np.bincount(place, w, n_rows * n_groups).reshape(shape) for w in self._weights],
            rows[self._granted],
            columns[self._granted],
            shape,
        )

    def _grids(self, one: int, other: int, weights: list[np.ndarray]) -> list[np.ndarray]:
        """Return the sums of (P,) ``weights`` by the levels of the factors of two groups."""
        size, shape = self._packing.sizes[one], self._shape(one)
        place = self._joint[one].astype(np.int64)
        if one != other:
            place = place * self._packing.sizes[other] + self._joint[other]
            size, shape = size * self._packing.sizes[other], (*shape, *self._shape(other))
        return [np.bincount(place, w, size).reshape(shape) for w in weights]

    def _with_grants(
        self,
        fitted: list[np.ndarray],
        rows: np.ndarray,
        columns: np.ndarray,
        shape: tuple[int, int],
    ) -> Crossing:
        """Return what is ``fitted`` (R, C) beside the grants, by their ``rows`` and ``columns``."""
        place = rows * np.int64(shape[1]) + columns
        events, keys = (
            np.bincount(place, values[self._granted], shape[0] * shape[1]).reshape(shape)
            for values in (self._table.n_events, self._table.events_key)
        )
        return Crossing(events, keys, *fitted)

    def _codes(self, position: int) -> np.ndarray:
        return self._table.pattern_codes[:, position][self._table.pattern[self._granted]]

    def _group_of(self, position: int) -> int:
        return next(n for n, group in enumerate(self._packing.groups) if position in group)

    def _shape(self, group: int) -> tuple[int, ...]:
        return tuple(len(self._packing.factors[p].levels) for p in self._packing.groups[group])


def _margin(grid: np.ndarray, axes: list[int], wanted: list[int]) -> np.ndarray:
    """Return the sums of ``grid``, whose axes are called ``axes``, over all but the two wanted."""
    places = [axes.index(axis) for axis in wanted]
    margin = np.asarray(grid.sum(axis=tuple(n for n in range(grid.ndim) if n not in places)))
    return margin if places[0] < places[1] else margin.T
