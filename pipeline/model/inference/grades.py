"""Grades: as many groups of units as can be told apart with few wrong orderings.

Rank confidence sets promise that no statement about any pair is wrong, and say little. Grades
promise that of all pairs put into different grades at most a declared share is expected to be the
wrong way round, and say as much as that allows.

Units stand in the order of their posterior expected rank and a grade is a run of neighbours. With
p the posterior probability that the lower-placed of two units truly lies lower, cutting between
them is worth p - price (1 - p); the best cuts for a price come from dynamic programming, exactly,
and the price is the lowest at which the expected share of wrong orderings keeps its bound.

After Kline, P., Rose, E. K. & Walters, C. R. (2024). A discrimination report card. American
Economic Review 114, 2472-2525; there the order of units is free too, and an integer programme finds
it. Gu, J. & Koenker, R. (2023). Invidious comparisons: ranking and selection as compound decisions.
Econometrica 91, 1-41.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: Bisection steps for the price, whose logarithm is between 0 and :data:`_DEAREST`.
_STEPS, _DEAREST = 60, 16.0


@dataclass(frozen=True)
class Grades:
    """Grades of n units; 1 holds the lowest.

    Attributes
    ----------
    grade: (n,) 1 to the number of grades.
    wrong_share: expected share of wrong orderings among pairs of different grades; 0 without any.
    ordered_share: share of all pairs that are in different grades.
    """

    grade: Integers
    wrong_share: float
    ordered_share: float


def grade_units(
    expected_rank: ArrayLike, is_lower: ArrayLike, largest_wrong_share: float = 0.05
) -> Grades:
    """Return the grades of n units with at most ``largest_wrong_share`` of wrong orderings.

    ``expected_rank`` (n,) orders them, ties as they stand; ``is_lower`` (n, n) holds in row i,
    column j the posterior probability that unit i lies below unit j. Raises :class:`ValueError` for
    shapes that do not fit, missing values and a share not within 0-0.5.
    """
    rank, below = np.asarray(expected_rank, np.float64), np.asarray(is_lower, np.float64)
    n = len(rank)
    if rank.ndim != 1 or below.shape != (n, n):
        raise ValueError(f"{rank.shape} ranks and {below.shape} probabilities do not fit")
    if not (np.all(np.isfinite(rank)) and np.all(np.isfinite(below))):
        raise ValueError("ranks and probabilities must not be missing")
    if not 0 <= largest_wrong_share <= 0.5:
        raise ValueError(f"a share within 0 and 0.5 is needed, found {largest_wrong_share}")
    order = np.argsort(rank, kind="stable")
    right = np.triu(below[np.ix_(order, order)], k=1)
    wrong = np.triu(1 - below[np.ix_(order, order)], k=1)

    def at(log_price: float) -> tuple[Integers, float]:
        placed = _cut(right - np.exp(log_price) * wrong)
        apart = np.triu(placed[:, None] < placed[None, :], k=1)
        pairs = int(apart.sum())
        return placed, float(wrong[apart].sum()) / pairs if pairs else 0.0

    low, high = 0.0, _DEAREST
    placed, share = at(low)
    if share > largest_wrong_share:
        placed, share = at(high)
        for _ in range(_STEPS):
            middle = (low + high) / 2
            tried, tried_share = at(middle)
            if tried_share > largest_wrong_share:
                low = middle
            else:
                high, placed, share = middle, tried, tried_share
    if share > largest_wrong_share:
        placed, share = np.ones(n, dtype=np.int64), 0.0
    grade = np.empty(n, dtype=np.int64)
    grade[order] = placed
    apart = (placed[:, None] < placed[None, :]).sum()
    return Grades(grade, share, float(apart) / max(n * (n - 1) / 2, 1))


def _cut(worth: Floats) -> Integers:
    """Return the grade (n,) of units in order that makes the worth of all pairs apart largest.

    ``worth`` (n, n) is that of putting a pair apart, above the diagonal; of equally good cuts the
    one with the longest last grade is taken.
    """
    n = len(worth)
    # Worth of all pairs between the first i units and unit j.
    before = np.vstack([np.zeros(n), np.cumsum(worth, axis=0)])
    across = np.concatenate([np.zeros((n + 1, 1)), np.cumsum(before, axis=1)], axis=1)
    best, start = np.zeros(n + 1), np.zeros(n + 1, dtype=np.int64)
    for end in range(1, n + 1):
        first = np.arange(end)
        # A grade of units first..end - 1 lies above all units before it.
        values = best[:end] + across[first, end] - across[first, first]
        start[end] = int(np.argmax(values))
        best[end] = values[start[end]]
    grade, end, groups = np.empty(n, dtype=np.int64), n, []
    while end > 0:
        groups.append((int(start[end]), end))
        end = int(start[end])
    for number, (first_unit, last_unit) in enumerate(reversed(groups), start=1):
        grade[first_unit:last_unit] = number
    return grade
