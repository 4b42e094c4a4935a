"""Common log-odds shifts: how far must a group's risks move for its expected count to hit a target.

The one equation behind the common intercept (the country is the group), the practice effects (a
municipality is the group) and the planted truth they are scored against.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

MAX_STEPS = 200
#: Relative error of a group's expected count.
TOLERANCE = 1e-13
#: Where less of a group's count is wanted, the start takes risks for odds.
SMALL_SHARE = 0.2
#: A step after which there is nothing left to go, log odds.
SHORT_STEP = 1e-8
#: Largest step in log odds, so that a poor start cannot overshoot.
LARGEST_STEP = 1.0


def solve_shift(
    log_odds: np.ndarray,
    count: np.ndarray,
    target: np.ndarray,
    group: np.ndarray | None = None,
) -> np.ndarray:
    """Return (G,) shifts d with sum over group g of ``count * expit(log_odds + d_g)`` = target.

    ``log_odds`` and ``count`` are per cell, ``group`` the group number of each cell (default: all
    cells are one group), ``target`` (G,) expected counts. A target of 0 gives minus infinity, one
    equal to the group's whole count plus infinity, a group without cells nan; a missing target
    gives nan. Raises ``ValueError`` for a target outside the group's count.
    """
    goal = np.atleast_1d(np.asarray(target, dtype=float))
    size, n, x, cells = len(goal), np.asarray(count, dtype=float), log_odds, group

    def summed(values: np.ndarray) -> np.ndarray:
        """Return the (G,) sums of a quantity of the cells."""
        if cells is None:
            return np.atleast_1d(values.sum())
        return np.bincount(cells, values, size)

    total = summed(n)
    if ((goal < 0) | (goal > total)).any():
        raise ValueError("a target lies outside 0 and the group's count")
    shift = np.select(
        [total == 0, np.isnan(goal), goal == 0, goal == total],
        [np.nan, np.nan, -np.inf, np.inf],
        default=0.0,
    )
    open_groups = shift == 0.0
    if not open_groups.any():
        return shift
    if cells is not None and not open_groups.all():
        used = open_groups[cells]
        x, n, cells = x[used], n[used], cells[used]
    # As if risks were odds, which they nearly are where they are small: a few steps from the end.
    top = float(x.max())
    if np.isfinite(top):
        with np.errstate(divide="ignore", invalid="ignore"):
            start = np.log(goal) - np.log(summed(n * np.exp(x - top))) - top
        is_near = open_groups & np.isfinite(start) & (goal < SMALL_SHARE * total)
        shift[is_near] = start[is_near]
    for _ in range(MAX_STEPS):
        p = expit(x + (shift if cells is None else shift[cells]))
        expected = n * p
        gap = np.where(open_groups, goal - summed(expected), 0.0)
        if (np.abs(gap) <= TOLERANCE * np.maximum(goal, 1e-300)).all():
            break
        slope = summed(expected * (1 - p))
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.where(open_groups, gap / slope, 0.0)
        step = np.clip(np.nan_to_num(step), -LARGEST_STEP, LARGEST_STEP)
        shift[open_groups] += step[open_groups]
        # What is left of Newton's method is of the order of the step's square.
        if np.abs(step).max() < SHORT_STEP:
            break
    return shift
