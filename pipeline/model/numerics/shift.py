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
    size = len(goal)
    cells = np.zeros(len(log_odds), dtype=np.int64) if group is None else group
    total = np.bincount(cells, count, size)
    if ((goal < 0) | (goal > total)).any():
        raise ValueError("a target lies outside 0 and the group's count")
    shift = np.select(
        [total == 0, np.isnan(goal), goal == 0, goal == total],
        [np.nan, np.nan, -np.inf, np.inf],
        default=0.0,
    )
    open_groups = shift == 0.0
    used = open_groups[cells]
    x, n, cells = log_odds[used], count[used], cells[used]
    if not len(x):
        return shift
    # As if risks were odds, which they nearly are where they are small: a few steps from the end.
    top = float(x.max())
    if np.isfinite(top):
        with np.errstate(divide="ignore", invalid="ignore"):
            start = np.log(goal) - np.log(np.bincount(cells, n * np.exp(x - top), size)) - top
        is_near = open_groups & np.isfinite(start) & (goal < SMALL_SHARE * total)
        shift[is_near] = start[is_near]
    for _ in range(MAX_STEPS):
        p = expit(x + shift[cells])
        expected = np.bincount(cells, n * p, size)
        gap = np.where(open_groups, goal - expected, 0.0)
        if (np.abs(gap) <= TOLERANCE * np.maximum(goal, 1e-300)).all():
            break
        slope = np.bincount(cells, n * p * (1 - p), size)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.where(open_groups, gap / slope, 0.0)
        step = np.clip(np.nan_to_num(step), -LARGEST_STEP, LARGEST_STEP)
        shift[open_groups] += step[open_groups]
        if np.abs(step).max() < 1e-15:
            break
    return shift
