"""Counts within chance of an expectation: the limits drawn on a funnel plot.

Counts outside the limits are exactly those whose two-sided mid-p value is below 1 - level.
``interpolate`` gives real-valued limits between the last count inside and the first outside, for a
smooth curve (Spiegelhalter 2005, appendix). The Poisson-binomial limits of one unit are in
:mod:`pipeline.model.numerics.poisson_binomial`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from pipeline.model.numerics.intervals import counts, normal_quantile

Floats = NDArray[np.float64]


def poisson_predictive_limits(
    expected: ArrayLike, level: float, *, interpolate: bool = False
) -> tuple[Floats, Floats]:
    """Return the lowest and highest count within chance of each expected count (n,).

    Counts outside have a mid-p value below 1 - level. ``interpolate`` gives real-valued limits
    for a smooth curve. An expected count of 0 gives (0, 0).
    """
    e = counts(expected)
    low, high = _predictive_limits(stats.poisson(np.maximum(e, 1e-300)), level, interpolate)
    return np.where(e > 0, low, 0.0), np.where(e > 0, high, 0.0)


def _predictive_limits(distribution: Any, level: float, interpolate: bool) -> tuple[Floats, Floats]:
    """Return the mid-p limits of a frozen discrete distribution of scipy."""
    normal_quantile(level)
    tail = (1 - level) / 2

    def lower(x: Floats) -> Floats:
        return np.asarray((distribution.cdf(x - 1) + distribution.cdf(x)) / 2)

    def upper(x: Floats) -> Floats:
        return np.asarray((distribution.sf(x - 1) + distribution.sf(x)) / 2)

    # The ordinary quantiles are right or one step too wide.
    low = np.maximum(np.asarray(distribution.ppf(tail), dtype=np.float64), 0.0)
    low = low + (lower(low) < tail)
    high = np.asarray(distribution.isf(tail), dtype=np.float64)
    high = high - (upper(high) < tail)
    if interpolate:
        at, before = lower(low), lower(low - 1)
        low = np.where(low > 0, low - (at - tail) / np.where(low > 0, at - before, 1.0), 0.0)
        at, after = upper(high), upper(high + 1)
        high = high + np.where(at > after, (at - tail) / np.where(at > after, at - after, 1.0), 0.0)
    return low, high
