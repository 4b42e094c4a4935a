"""Rank confidence sets of many units: work grows with their number, not with its square.

The sets are those of :mod:`pipeline.model.inference.ranks` (Mogstad, Romano, Shaikh & Wilhelm 2024)
with another yardstick. There a difference between two units is divided by its own standard error;
here by the root of the sum of two variances, each rounded to that of one of ``CLASSES`` classes of
units alike in size. The yardstick only says how an error is shared out among the pairs: draws come
from the exact joint errors and are measured by the same yardstick, so that the sets hold with the
promised probability whatever it is. Within a class the largest difference from a unit is that from
the lowest or the highest, and units that are decided already are a tail of the class in the order
of the estimates: running minima and maxima are all that is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.model.inference.ranks import RankSets, point_ranks, rank_sets
from pipeline.model.profile.profile_effects import JointErrors

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int64]

#: Up to here every pair is looked at.
MOST_PAIRWISE = 200
CLASSES = 8
#: Rounds of stepping down. Each is valid; later ones decide hardly any more pairs.
_MOST_ROUNDS = 3
#: Numbers worked on at a time: a few arrays of them stay in the processor's cache.
_BLOCK_NUMBERS = 65_536


def profile_rank_sets(
    effect: Floats, errors: JointErrors, level: float, draws: int, seed: int
) -> RankSets:
    """Return rank sets of (M,) effects: by all pairs, or by classes above ``MOST_PAIRWISE``."""
    if len(effect) <= MOST_PAIRWISE:
        return rank_sets(effect, errors.dense(), level, draws, seed)
    return grouped_rank_sets(effect, errors, level, draws, seed)


def grouped_rank_sets(
    effect: Floats, errors: JointErrors, level: float, draws: int, seed: int
) -> RankSets:
    """Return marginal and simultaneous rank sets of (M,) effects, by classes of units.

    The same seed gives the same sets; they do not depend on the order of the units.
    """
    classes = _Classes.of(effect, errors, seed, draws)
    n = len(effect)
    largest, of_all = np.empty((n, draws), dtype=np.float32), np.empty(draws)
    everyone = classes.decided(np.inf)
    for part, drawn in classes.largest(*everyone):
        largest[:, part], of_all[part] = drawn, drawn.max(axis=0)
    own = _step_down(classes, largest, level)
    together = _step_down_together(classes, of_all, level)
    limits = np.empty((4, n), dtype=np.int64)
    for row, (below, above) in zip((0, 2), (own, together), strict=True):
        limits[row, classes.order] = 1 + below.sum(axis=1)
        limits[row + 1, classes.order] = above.sum(axis=1)
    return RankSets(point_ranks(effect), *limits)


def _step_down(classes: _Classes, largest: Singles, level: float) -> tuple[Integers, Integers]:
    """Return (M, C) numbers of units of each class surely below, and not surely above, each unit.

    Each unit by its own pairs; ``largest`` (M, draws) is overwritten.
    """
    decided, n_decided = classes.decided(np.inf), -1
    for _ in range(_MOST_ROUNDS):
        critical = np.array([np.quantile(row, level) for row in largest])
        below, above = classes.decided(critical)
        decided = np.maximum(decided[0], below), np.minimum(decided[1], above)
        now = int(decided[0].sum() - decided[1].sum())
        if now == n_decided:
            break
        n_decided = now
        for part, drawn in classes.largest(*decided):
            largest[:, part] = drawn
    return decided


def _step_down_together(
    classes: _Classes, of_all: Floats, level: float
) -> tuple[Integers, Integers]:
    """Return the same by all pairs at once; ``of_all`` (draws) over all of them."""
    decided, n_decided = classes.decided(np.inf), -1
    for _ in range(_MOST_ROUNDS):
        below, above = classes.decided(np.quantile(of_all, level))
        decided = np.maximum(decided[0], below), np.minimum(decided[1], above)
        now = int(decided[0].sum() - decided[1].sum())
        if now == n_decided:
            break
        n_decided = now
        for part, drawn in classes.largest(*decided):
            of_all[part] = drawn.max(axis=0)
    return decided


@dataclass(frozen=True)
class _Classes:
    """M units in C classes of like variance, each in the order of the estimates.

    Attributes
    ----------
    order: (M,) unit numbers, class by class.
    effect: (M,) estimates in that order.
    own_se, loadings: (M,) and (M, K) of the errors in that order, the latter times a root of the
        slopes' covariance.
    parts: the slice of each class.
    inverse: (M, C) 1 / the yardstick between a unit and those of a class.
    seed, draws: of the simulation.
    """

    order: Integers
    effect: Floats
    own_se: Singles
    loadings: Singles
    parts: tuple[slice, ...]
    inverse: Singles
    seed: int
    draws: int

    @classmethod
    def of(cls, effect: Floats, errors: JointErrors, seed: int, draws: int) -> _Classes:
        variance = errors.own + errors.of_slopes
        by_size = np.lexsort((effect, variance))
        ends = np.round(np.linspace(0, len(effect), min(CLASSES, len(effect)) + 1)).astype(np.int64)
        parts = tuple(slice(a, b) for a, b in pairwise(ends))
        inside = [
            by_size[part][np.lexsort((variance[by_size[part]], effect[by_size[part]]))]
            for part in parts
        ]
        order = np.concatenate(inside)
        typical = np.array([variance[units].mean() for units in inside])
        of_unit = np.repeat(typical, [len(units) for units in inside])
        values, vectors = np.linalg.eigh(errors.slopes)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        return cls(
            order=order,
            effect=effect[order],
            own_se=np.sqrt(errors.own[order]).astype(np.float32),
            loadings=(errors.loadings[order] @ root).astype(np.float32),
            parts=parts,
            inverse=(1 / np.sqrt(of_unit[:, None] + typical[None, :])).astype(np.float32),
            seed=seed,
            draws=draws,
        )

    def decided(self, critical: Floats | float) -> tuple[Integers, Integers]:
        """Return (M, C) how many of a class are surely below each unit, and not surely above it.

        ``critical`` (M,) or one for all, of differences in yardsticks.
        """
        below = np.empty(self.inverse.shape, dtype=np.int64)
        above = np.empty(self.inverse.shape, dtype=np.int64)
        for number, part in enumerate(self.parts):
            reach = critical / self.inverse[:, number].astype(np.float64)
            below[:, number] = np.searchsorted(self.effect[part], self.effect - reach, "left")
            above[:, number] = np.searchsorted(self.effect[part], self.effect + reach, "right")
        return below, above

    def largest(self, below: Integers, above: Integers) -> Iterator[tuple[slice, Singles]]:
        """Yield draws, a block at a time: (M, block) largest differences over the open pairs.

        Open are "i above j" for j from ``below`` on and "j above i" for j before ``above``.
        """
        n = len(self.effect)
        rng = np.random.default_rng(self.seed)
        size = max(16, _BLOCK_NUMBERS // n)
        for start in range(0, self.draws, size):
            block = min(size, self.draws - start)
            error = rng.standard_normal((n, block), dtype=np.float32) * self.own_se[:, None]
            if self.loadings.shape[1]:
                shared = rng.standard_normal((self.loadings.shape[1], block), dtype=np.float32)
                error += self.loadings @ shared
            top = np.zeros((n, block), dtype=np.float32)
            nothing = np.full((1, block), np.inf, dtype=np.float32)
            for number, part in enumerate(self.parts):
                lowest = np.minimum.accumulate(error[part][::-1])[::-1]
                highest = np.maximum.accumulate(error[part])
                over = error - np.concatenate([lowest, nothing])[below[:, number]]
                under = np.concatenate([-nothing, highest])[above[:, number]] - error
                np.maximum(over, under, out=over)
                over *= self.inverse[:, number, None]
                np.maximum(top, over, out=top)
            yield slice(start, start + block), top
