"""Limits of mixtures of normal distributions: effects whose spread is not known for sure."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import optimize
from scipy.special import ndtr

Floats = NDArray[np.float64]

#: Half of a t density as the prior of a spread: its degrees of freedom, and its scale in log odds.
PRIOR_DF, PRIOR_SCALE = 4, 1.0
#: Halvings of the bracket of a quantile, which begins this many standard deviations around.
_HALVINGS, _BRACKET = 60, 40.0


def log_prior(spread: Floats) -> Floats:
    """Return the log density of spreads (k,), up to a constant: half of a t."""
    return -(PRIOR_DF + 1) / 2 * np.log1p((spread / PRIOR_SCALE) ** 2 / PRIOR_DF)


def spread_grid(first: float, last: float, middle: float, size: int) -> Floats:
    """Return ``size`` spreads from ``first`` to ``last``: fine below ``middle``, coarse above."""
    steps = np.linspace(np.log1p(first / middle), np.log1p(last / middle), size)
    return np.asarray(middle * np.expm1(steps), dtype=np.float64)


def spread_limits(
    value: Callable[[float], float], grid: Floats, values: Floats, top: float
) -> tuple[float, float]:
    """Return the spreads around ``top`` where ``value`` crosses 0; 0 and infinity if nowhere.

    ``value`` is above 0 at ``top``, ``values`` (k,) are those of the ascending ``grid`` (k,): a log
    likelihood less what a limit may lack of its largest.
    """

    def crossing(first: float, last: float) -> float:
        return float(optimize.brentq(value, first, last, rtol=1e-6))

    below, above = np.flatnonzero((grid < top) & (values < 0)), (grid > top) & (values < 0)
    low = crossing(float(grid[below[-1]]), top) if len(below) else 0.0
    high = crossing(top, float(grid[np.flatnonzero(above)[0]])) if above.any() else np.inf
    return low, high


def grid_weights(spread: Floats, middle: float, log_density: Floats) -> Floats:
    """Return the shares (k,) of a :func:`spread_grid` by the density there: trapezoids."""
    weight = np.exp(log_density - log_density.max()) * (spread + middle)
    weight[[0, -1]] /= 2
    return np.asarray(weight / weight.sum(), dtype=np.float64)


def mixture_moments(weight: Floats, mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Return means and variances (n,) of n mixtures of k normals, (k, n) each."""
    centre = weight @ mean
    return centre, weight @ (variance + (mean - centre) ** 2)


def mixture_limits(
    weight: Floats, mean: Floats, variance: Floats, level: float
) -> tuple[Floats, Floats]:
    """Return the equal-tailed limits (n,) of n mixtures of k normals, (k, n) each."""
    centre, total = mixture_moments(weight, mean, variance)
    # Without a spread an effect may have no variance at all: a step, not a division by 0.
    sd, reach = np.maximum(np.sqrt(variance), 1e-200), _BRACKET * np.sqrt(total)

    def quantile(goal: float) -> Floats:
        low, high = centre - reach, centre + reach
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            below = weight @ ndtr((middle - mean) / sd) < goal
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.asarray((low + high) / 2, dtype=np.float64)

    tail = (1 - level) / 2
    return quantile(tail), quantile(1 - tail)
