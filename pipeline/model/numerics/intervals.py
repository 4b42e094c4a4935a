"""Exact and approximate limits for counts, proportions and ratios of observed to expected.

All functions are vectorised over their first arguments and return ``(low, high)`` as float arrays
of the broadcast shape (scalars in, 0-d out as ``float``-like arrays). ``level`` is the two-sided
confidence level, 0-1. A missing count (nan) gives missing limits; a negative one is refused.

The exact Poisson-binomial test and its predictive limits live in
:mod:`pipeline.model.numerics.poisson_binomial` and are offered here under the same names.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from pipeline.model.numerics.poisson_binomial import poisson_binomial_midp

__all__ = [
    "poisson_binomial_midp",
    "poisson_exact_limits",
    "poisson_midp",
    "poisson_midp_limits",
    "proportion_wilson_limits",
    "ratio_limits",
]

Floats = NDArray[np.float64]
#: Limits of a mean from counts, at a level.
Limits = Callable[[ArrayLike, float], tuple[Floats, Floats]]


def normal_quantile(level: float) -> float:
    """Return z such that a standard normal lies within +-z with probability ``level``.

    Raises :class:`ValueError` unless 0 < level < 1.
    """
    if not 0.0 < level < 1.0:
        raise ValueError(f"level must lie between 0 and 1, found {level}")
    # 1 - level is exact for the levels in use; the mirrored tail keeps the far digits.
    return float(-special.ndtri((1.0 - level) / 2.0))


def counts(observed: ArrayLike) -> Floats:
    """Return ``observed`` as floats; refuses negative counts with :class:`ValueError`."""
    values = np.asarray(observed, dtype=np.float64)
    if np.any(values < 0):
        raise ValueError("a count cannot be negative")
    return values


def poisson_exact_limits(observed: ArrayLike, level: float) -> tuple[Floats, Floats]:
    """Return the exact (Garwood) limits of a Poisson mean from one count; 0 has low 0.

    Garwood, F. (1936). Fiducial limits for the Poisson distribution. Biometrika 28, 437-442.
    """
    o = counts(observed)
    normal_quantile(level)
    alpha = 1.0 - level
    with np.errstate(invalid="ignore"):
        low = np.where(o > 0, special.gammaincinv(np.where(o > 0, o, 1.0), alpha / 2), 0.0)
        high = special.gammainccinv(o + 1.0, alpha / 2)
    return np.where(np.isnan(o), np.nan, low), high


def poisson_midp_limits(observed: ArrayLike, level: float) -> tuple[Floats, Floats]:
    """Return the mid-p limits of a Poisson mean from one count; 0 has low 0.

    The limits solve ``P(X > o) + P(X = o) / 2 = alpha / 2`` and its mirror, by bisection inside
    the exact limits, to the last digits of a double.

    Cohen, G. R. & Yang, S.-Y. (1994). Mid-p confidence intervals for the Poisson expectation.
    Statistics in Medicine 13, 2189-2203.
    """
    n = counts(observed)
    o, where = np.unique(n, return_inverse=True)  # tables of cells repeat small counts
    exact_low, exact_high = poisson_exact_limits(o, level)
    tail = (1.0 - level) / 2

    def above(mean: Floats) -> Floats:
        # P(X > o) + P(X = o) / 2 is the average of two upper tails; increases with the mean.
        at_least = np.where(o > 0, special.gammainc(np.where(o > 0, o, 1.0), mean), 1.0)
        return (at_least + special.gammainc(o + 1.0, mean)) / 2

    def below(mean: Floats) -> Floats:
        less = np.where(o > 0, special.gammaincc(np.where(o > 0, o, 1.0), mean), 0.0)
        return (less + special.gammaincc(o + 1.0, mean)) / 2

    low = bisect(lambda mean: above(mean) < tail, exact_low, np.maximum(o, exact_low))
    # At a level near zero the mid-p limits close on the median, which lies above the count.
    high = bisect(lambda mean: below(mean) > tail, np.minimum(o, exact_high), exact_high)
    low = np.where(o == 0, 0.0, low)
    return low[where].reshape(n.shape), high[where].reshape(n.shape)


def bisect(go_right: Callable[[Floats], NDArray[np.bool_]], low: Floats, high: Floats) -> Floats:
    """Return where ``go_right`` turns false between ``low`` and ``high``, elementwise.

    To the last digits of a double; where it is false from the start, ``low``.
    """
    left, right = np.array(low, dtype=np.float64), np.array(high, dtype=np.float64)
    for _ in range(100):
        middle = (left + right) / 2
        turn = go_right(middle)
        left, right = np.where(turn, middle, left), np.where(turn, right, middle)
        if not np.any(right - left > 2e-16 * right):
            break
    return (left + right) / 2


def poisson_midp(observed: ArrayLike, expected: ArrayLike) -> Floats:
    """Return the two-sided mid-p value of a count against a Poisson mean.

    Twice the smaller of the two mid-p tails, at most 1. An expected count of 0 gives 1 for an
    observed 0 and 0 otherwise.
    """
    o, e = np.broadcast_arrays(counts(observed), counts(expected))
    positive = np.where(o > 0, o, 1.0)
    above = (np.where(o > 0, special.gammainc(positive, e), 1.0) + special.gammainc(o + 1, e)) / 2
    below = (np.where(o > 0, special.gammaincc(positive, e), 0.0) + special.gammaincc(o + 1, e)) / 2
    return np.minimum(1.0, 2 * np.minimum(above, below))


def proportion_wilson_limits(
    observed: ArrayLike, denominator: ArrayLike, level: float
) -> tuple[Floats, Floats]:
    """Return Wilson's score limits of a proportion, 0-1. A denominator of 0 gives (nan, nan).

    Wilson, E. B. (1927). Probable inference. JASA 22, 209-212. Raises :class:`ValueError` where
    the count is above its denominator.
    """
    x, n = np.broadcast_arrays(counts(observed), counts(denominator))
    if np.any(x > n):
        raise ValueError("a count is above its denominator")
    z = normal_quantile(level)
    n = np.where(n > 0, n, np.nan)
    half = z * np.sqrt(z**2 + 4 * x * (1 - x / n))
    return (2 * x + z**2 - half) / (2 * (n + z**2)), (2 * x + z**2 + half) / (2 * (n + z**2))


def ratio_limits(
    observed: ArrayLike,
    expected: ArrayLike,
    expected_log_se: ArrayLike,
    level: float,
    mean_limits: Limits = poisson_midp_limits,
) -> tuple[Floats, Floats]:
    """Return limits of O/E that carry the chance in O and the uncertainty of an estimated E.

    The limits of the mean of O (``mean_limits`` of counts and level: the mid-p Poisson ones unless
    O is shown with noise) and the normal limits of log E (``expected_log_se``: the
    delta-method standard error of log E, 0 for a known E) are put together by the method of
    variance estimates recovery on the log scale, with O and E taken as independent. O = 0 has
    low 0 and, the log being undefined, the high limit of the same method for a plain ratio. An
    expected count of 0 gives (nan, nan).

    Zou, G. Y. & Donner, A. (2008). Construction of confidence limits about effect measures: a
    general approach. Statistics in Medicine 27, 1693-1702. Donner, A. & Zou, G. Y. (2012).
    Closed-form confidence intervals for functions of the normal mean and standard deviation.
    Statistical Methods in Medical Research 21, 347-359.
    """
    o, e, se = np.broadcast_arrays(
        counts(observed), counts(expected), np.asarray(expected_log_se, dtype=np.float64)
    )
    low_count, high_count = mean_limits(o, level)
    spread = normal_quantile(level) * se
    e = np.where(e > 0, e, np.nan)
    safe = np.where(o > 0, o, 1.0)
    down = np.hypot(np.log(safe) - np.log(np.where(o > 0, low_count, 1.0)), spread)
    up = np.hypot(np.log(high_count) - np.log(safe), spread)
    ratio = o / e
    high_of_none = high_count / e / np.sqrt(1 - np.expm1(-spread) ** 2)
    low, high = ratio * np.exp(-down), np.where(o > 0, ratio * np.exp(up), high_of_none)
    return low, high
