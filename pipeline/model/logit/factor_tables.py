"""Integer tables of means and weights over super-factors, and their way back to columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.model.logit.factor_design import FactorDesign
from pipeline.model.numerics.exact_sums import add_at, fixed_point, sum_levels


@dataclass(frozen=True)
class FactorTables:
    """Sums of one pass; S super-factors of L levels, Q numeric covariates; int64, fixed point.

    Attributes
    ----------
    stride
        The largest L but the first: row length of the pair tables.
    mean
        S tables (L,) of means.
    pair
        (i, j), i < j, -> (L_i * stride,) weights; empty if no information is wanted. With one
        super-factor (0, 0) -> (L,).
    cross
        S tables (Q, L) of weights times covariate.
    numeric, square
        (Q,) means times covariate and (Q, Q) weights times two covariates.
    """

    stride: int
    mean: list[np.ndarray]
    pair: dict[tuple[int, int], np.ndarray]
    cross: list[np.ndarray]
    numeric: np.ndarray
    square: np.ndarray

    @classmethod
    def empty(cls, design: FactorDesign, with_information: bool) -> FactorTables:
        """Return tables of zeros."""
        sizes, n_numeric = design.packing.sizes, len(design.numeric)
        stride = max(sizes[1:], default=1)
        pairs = [(i, j) for i in range(len(sizes)) for j in range(i + 1, len(sizes))] or [(0, 0)]
        ends = np.cumsum([sizes[i] * stride for i, _ in pairs])
        # In one piece: memory is then cleared in large pages.
        weights = np.split(np.zeros(ends[-1] if with_information else 0, np.int64), ends[:-1])
        return cls(
            stride=stride,
            mean=[np.zeros(size, dtype=np.int64) for size in sizes],
            pair=dict(zip(pairs, weights, strict=True)) if with_information else {},
            cross=[np.zeros((n_numeric, size), dtype=np.int64) for size in sizes],
            numeric=np.zeros(n_numeric, dtype=np.int64),
            square=np.zeros((n_numeric, n_numeric), dtype=np.int64),
        )

    def add_means(self, codes: np.ndarray, means: np.ndarray) -> None:
        """Add a block's (n,) fixed-point means."""
        for table, code in zip(self.mean, codes, strict=True):
            add_at(table, code, means)

    def add_weights(self, codes: np.ndarray, weights: np.ndarray, work: np.ndarray) -> None:
        """Add a block's (n,) fixed-point weights; ``work`` (2, n) int32 is overwritten."""
        if len(codes) == 1:
            add_at(self.pair[0, 0], codes[0], weights)
            return
        shifted, index = work
        for i in range(len(codes) - 1):
            np.multiply(codes[i], self.stride, out=shifted)
            for j in range(i + 1, len(codes)):
                np.add(shifted, codes[j], out=index)
                add_at(self.pair[i, j], index, weights)

    def add_numeric(
        self,
        codes: np.ndarray,
        numeric: Sequence[np.ndarray],
        means: np.ndarray,
        weights: np.ndarray,
        scale: float,
    ) -> None:
        """Add the products of a block's (n,) means and weights with its numeric covariates."""
        for q, values in enumerate(numeric):
            self.numeric[q] += fixed_point(means * values, scale).sum()
            weighted = weights * values
            fixed = fixed_point(weighted, scale)
            for cross, code in zip(self.cross, codes, strict=True):
                add_at(cross[q], code, fixed)
            for r in range(q + 1):
                self.square[q, r] += fixed_point(weighted * numeric[r], scale).sum()

    def include(self, other: FactorTables) -> None:
        """Add another table's sums."""
        for own, more in zip(self._all(), other._all(), strict=True):
            own += more

    def fitted(self, design: FactorDesign, scale: float) -> np.ndarray:
        """Return X'mu, (K,)."""
        fitted = np.zeros(len(design.columns))
        for position, level_map, means in zip(
            design.positions, design.maps, self.mean, strict=True
        ):
            fitted[position] = sum_levels(level_map, means)
        fitted[design.n_factor_columns :] = self.numeric
        return fitted / scale

    def information(self, design: FactorDesign, scale: float) -> np.ndarray:
        """Return X'WX, (K, K)."""
        first, size = design.n_factor_columns, len(design.columns)
        sizes, positions, maps = design.packing.sizes, design.positions, design.maps
        total = np.zeros((size, size))
        for s, (position, level_map) in enumerate(zip(positions, maps, strict=True)):
            own = self._margin(s, sizes)[:, None] * level_map
            total[np.ix_(position, position)] = sum_levels(level_map, own)
            cross = sum_levels(level_map, self.cross[s].T)
            total[position, first:] = cross
            total[first:, position] = cross.T
        for i, j in self.pair:
            if i != j:
                part = sum_levels(maps[j], sum_levels(maps[i], self._grid(i, j, sizes)).T)
                total[np.ix_(positions[j], positions[i])] = part
                total[np.ix_(positions[i], positions[j])] = part.T
        total[first:, first:] = np.tril(self.square) + np.tril(self.square, -1).T
        return total / scale

    def _all(self) -> list[np.ndarray]:
        return [*self.mean, *self.pair.values(), *self.cross, self.numeric, self.square]

    def _grid(self, i: int, j: int, sizes: Sequence[int]) -> np.ndarray:
        """Return the (L_i, L_j) weights of a pair of super-factors."""
        return self.pair[i, j].reshape(sizes[i], self.stride)[:, : sizes[j]]

    def _margin(self, s: int, sizes: Sequence[int]) -> np.ndarray:
        """Return super-factor ``s``'s (L,) weights, the margin of any of its pairs."""
        if len(sizes) == 1:
            return self.pair[0, 0]
        if s == 0:
            return np.asarray(self._grid(0, 1, sizes).sum(axis=1))
        return np.asarray(self._grid(0, s, sizes).sum(axis=0))
