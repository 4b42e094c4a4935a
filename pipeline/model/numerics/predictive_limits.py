"""Counts within chance of an expectation: the limits drawn on a funnel plot.

Counts outside the limits are exactly those whose two-sided mid-p value is below 1 - level.
``interpolate`` gives real-valued limits between the last count inside and the first outside, for a
smooth curve (Spiegelhalter 2005, appendix). The Poisson-binomial limits of one unit are in
:mod:`pipeline.model.numerics.poisson_binomial`.
"""

from __future__ import annotations

from collections.abc import Callable
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


def negative_binomial_limits(
    expected: ArrayLike, ratio_variance: float, level: float, *, interpolate: bool = False
) -> tuple[Floats, Floats]:
    """Return the same for counts whose true O/E has mean 1 and variance ``ratio_variance``.

    The true ratios are gamma distributed, the counts negative binomial; 0 is the Poisson case.
    """
    if ratio_variance <= 0:
        return poisson_predictive_limits(expected, level, interpolate=interpolate)
    e = counts(expected)
    shape = 1 / ratio_variance
    low, high = _predictive_limits(stats.nbinom(shape, shape / (shape + e)), level, interpolate)
    return np.where(e > 0, low, 0.0), np.where(e > 0, high, 0.0)


def binomial_limits(
    denominator: ArrayLike, baseline: float, level: float, *, interpolate: bool = False
) -> tuple[Floats, Floats]:
    """Return the same for counts out of ``denominator`` (n,) with probability ``baseline``."""
    n = counts(denominator)
    return _predictive_limits(stats.binom(n, baseline), level, interpolate)


def beta_binomial_limits(
    denominator: ArrayLike, baseline: float, variance: float, level: float
) -> tuple[Floats, Floats]:
    """Return the same for true proportions with mean ``baseline`` and variance ``variance``.

    The true proportions are beta distributed; 0 is the binomial case. Raises :class:`ValueError`
    for a variance that no proportion can have.
    """
    if variance <= 0:
        return binomial_limits(denominator, baseline, level)
    total = baseline * (1 - baseline) / variance - 1
    if not total > 0:
        raise ValueError(f"a proportion of {baseline} cannot vary by {variance}")
    n = counts(denominator)
    beta = stats.betabinom(n.astype(np.int64), baseline * total, (1 - baseline) * total)
    return _predictive_limits(_Quantiles(beta, n), level, False)


class _Quantiles:
    """A beta-binomial with quantiles by bisection: scipy searches them one step at a time."""

    def __init__(self, distribution: Any, size: Floats) -> None:
        self.cdf, self.sf, self._size = distribution.cdf, distribution.sf, size

    def ppf(self, tail: float) -> Floats:
        """Return the smallest count with a distribution function of ``tail`` or more."""
        return self._first(lambda x: self.cdf(x) >= tail)

    def isf(self, tail: float) -> Floats:
        """Return the smallest count with no more than ``tail`` above it."""
        return self._first(lambda x: self.sf(x) <= tail)

    def _first(self, reached: Callable[[Floats], Any]) -> Floats:
        low, high = np.full(self._size.shape, -1.0), self._size.astype(np.float64)
        while np.any(high - low > 1):
            middle = np.floor((low + high) / 2)
            found = np.asarray(reached(middle))
            low, high = np.where(found, low, middle), np.where(found, middle, high)
        return high


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


def normal_proportion_limits(
    denominator: ArrayLike, baseline: float, level: float
) -> tuple[Floats, Floats]:
    """Return the normal-approximation funnel of a proportion around ``baseline``, within 0-1."""
    n = np.asarray(denominator, dtype=np.float64)
    reach = normal_quantile(level) * np.sqrt(baseline * (1 - baseline) / n)
    return np.maximum(0.0, baseline - reach), np.minimum(1.0, baseline + reach)
