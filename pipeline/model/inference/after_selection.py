"""The standard of the lowest units, with limits that hold although the data named them.

The k lowest ratios are partly lowest by chance, so their pooled ratio is too low and its usual
interval misses. Given that just these k came out lowest, and what the others' ratios are, the
pooled ratio v is normal about its truth but cut off where one of the k would have passed the next
unit. *Conditional* limits are those of a normal value cut off there; they hold however close the
race was, and are very wide where it was close. *Hybrid* limits spend a tenth of the allowed error
on a simultaneous interval around v, in which the truth of any k units lies, and cut off there too:
they are never wider than that interval and hold as well. Both come with an estimate that is above
and below the truth equally often.

Ratios are taken as normal with the variance that Poisson counts have at the units' posterior mean
ratios, noise of protection added: good for sums of some ten grants and more.

Andrews, I., Kitagawa, T. & McCloskey, A. (2024). Inference on winners. Quarterly J. Economics 139,
305-358. For sets instead of one winner: the selection of the k lowest is a polyhedron, whose
cut-off is in Lee, J. D., Sun, D. L., Sun, Y. & Taylor, J. E. (2016). Exact post-selection
inference. Annals of Statistics 44, 907-927.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import log_ndtr

from pipeline.model.inference.counterfactual import (
    Counterfactual,
    checked_counts,
    counterfactual_of,
    lowest_units,
    quantile_unit,
)
from pipeline.model.inference.gamma_poisson import PossibleCounts, posterior_grid, posterior_means
from pipeline.model.numerics.shown_counts import EXACT, Transitions

Floats = NDArray[np.float64]

#: The share of the allowed error that the simultaneous interval takes (Andrews et al., section V).
SIMULTANEOUS_SHARE = 0.1
#: Draws of the simultaneous interval, and how finely sets of units are told apart in each.
_DRAWS, _STEPS = 1000, 13
#: Conditional limits further away than this many standard errors are open.
_FARTHEST = 60.0


def conditional_and_hybrid(
    observed: ArrayLike,
    expected: ArrayLike,
    k: int,
    level: float = 0.95,
    noise_variance: ArrayLike = 0.0,
    quantile: float | None = None,
    seed: int = 1,
    transitions: Transitions = EXACT,
) -> tuple[Counterfactual, Counterfactual]:
    """Return the figure of the k lowest O/E, corrected for their selection, both ways.

    Counts (n,), the variance of their noise (n,) or one, and what it does to counts. ``quantile``
    (0-1) takes the one unit there instead. Limits of the conditional figure are nan where they are
    open. Ratios that tie across the edge of the selection, as of units without grants, leave
    nothing to go by: then both figures are nan. Raises :class:`ValueError`.
    """
    o, e = checked_counts(observed, expected)
    ratio = np.divide(o, e, out=np.full(len(o), np.nan), where=e > 0)
    units = lowest_units(ratio, e, k) if quantile is None else quantile_unit(ratio, e, quantile)
    noise = np.broadcast_to(np.asarray(noise_variance, dtype=float), o.shape)
    variance = _variance(o, e, noise, transitions)
    weight = np.zeros(len(o))
    weight[units] = e[units] / e[units].sum()
    v, sd = float(weight[units] @ ratio[units]), float(np.sqrt(weight**2 @ variance))
    low, high = _cut_offs(ratio, variance, weight, units, v, sd, is_set=quantile is None)
    alpha = 1 - level
    beta = SIMULTANEOUS_SHARE * alpha
    reach = _simultaneous(np.sqrt(variance[e > 0]) * e[e > 0], len(units), 1 - beta, seed)
    results = []
    for method, error, ends in (
        ("conditional", alpha, (np.inf, _FARTHEST)),
        ("hybrid", (alpha - beta) / (1 - beta), (reach, reach)),
    ):
        bottom, middle, top = limits_after_selection(v, sd, low, high, error, *ends)
        results.append(counterfactual_of(method, middle, bottom, top, o.sum(), e.sum(), units))
    return results[0], results[1]


def limits_after_selection(
    v: float,
    sd: float,
    low: float,
    high: float,
    error: float,
    simultaneous: float = np.inf,
    farthest: float = _FARTHEST,
) -> tuple[float, float, float]:
    """Return lower limit, median-unbiased estimate and upper limit of a truth, nan where open.

    ``v`` is normal about it with standard error ``sd`` and was seen because it lay between ``low``
    and ``high``, nothing being known of it at either end; both limits miss with chance ``error`` in
    all. With ``simultaneous`` the truth is
    known to lie within that many standard errors (the hybrid of the module); ``farthest`` is how
    many are searched.
    """
    if not low < v < high:
        return np.nan, np.nan, np.nan

    def share(mean: float) -> float:
        bottom, top = mean - simultaneous * sd, mean + simultaneous * sd
        return _share_below(v, mean, sd, max(low, bottom), min(high, top))

    limits = [
        _solved(share, target, v, farthest * sd) for target in (1 - error / 2, 0.5, error / 2)
    ]
    return limits[0], limits[1], limits[2]


def _variance(o: Floats, e: Floats, noise: Floats, transitions: Transitions) -> Floats:
    """Return the variance (n,) of ratios: of Poisson counts at posterior means, and noise."""
    behind = PossibleCounts.of(o, transitions)
    ratio = posterior_means(behind, e, *posterior_grid(behind, e))
    return np.divide(ratio * e + noise, e**2, out=np.zeros(len(o)), where=e > 0)


def _cut_offs(
    ratio: Floats,
    variance: Floats,
    weight: Floats,
    units: NDArray[np.int64],
    v: float,
    sd: float,
    *,
    is_set: bool,
) -> tuple[float, float]:
    """Return between which values v would have named the same units, all else as it is.

    Of a set the others' lowest ratio bounds each member, whose part of v moves with it; of one unit
    at a quantile its two neighbours do.
    """
    others = np.isfinite(ratio)
    others[units] = False
    if not is_set:
        below, above = ratio[others & (ratio <= v)], ratio[others & (ratio > v)]
        return float(below.max(initial=-np.inf)), float(above.min(initial=np.inf))
    if not others.any():
        return -np.inf, np.inf
    pull = weight[units] * variance[units] / sd**2
    room = ratio[others].min() - ratio[units]
    return -np.inf, v + float((room / pull).min())


def _share_below(v: float, mean: float, sd: float, low: float, high: float) -> float:
    """Return the chance of at most v for a normal value between ``low`` and ``high``.

    1 where v is at the upper end and 0 at the lower; both ends at v are taken as the upper one.
    """
    if v >= high:
        return 1.0
    if v <= low:
        return 0.0
    bottom, at, top = ((end - mean) / sd for end in (low, v, high))
    if bottom > 0:  # the upper tail, in which differences keep their digits
        below, up_to, whole = log_ndtr(-bottom), log_ndtr(-at), log_ndtr(-top)
        return float(np.expm1(up_to - below) / np.expm1(whole - below))
    below, up_to, whole = log_ndtr(bottom), log_ndtr(at), log_ndtr(top)
    # exp(a) - exp(c) over exp(b) - exp(c), the largest taken out.
    return float(np.exp(up_to - whole) * np.expm1(below - up_to) / np.expm1(below - whole))


def _solved(share: Callable[[float], float], target: float, v: float, reach: float) -> float:
    """Return the truth at which ``share`` is ``target``, within ``reach`` of v; nan if not there.

    The share falls as the truth rises.
    """
    low, high = v - reach, v + reach
    if not share(low) >= target >= share(high):
        return float("nan")
    return float(brentq(lambda mean: share(mean) - target, low, high, xtol=1e-12 * reach))


def _simultaneous(scale: Floats, k: int, level: float, seed: int) -> float:
    """Return how many standard errors, either way, hold for all sets of k units at once.

    ``scale`` (n,) is each unit's part of a pooled ratio's error, up to a factor of the set. The
    error of a set, sum a x / sqrt(sum a^2), is quasi-convex in its two sums, so that the largest is
    met by a set that is largest in sum a x - t a^2 for some t: those of a grid are tried, in
    seeded draws.
    """
    a = scale / np.median(scale)
    normal = np.random.default_rng(seed).standard_normal((_DRAWS, len(a)))
    if k == 1:
        return float(np.quantile(np.abs(normal).max(axis=1), level))
    largest = np.zeros(_DRAWS)
    steepest = 3.0 / max(float(a.min()), 1e-3)
    for t in np.sinh(np.linspace(-np.arcsinh(steepest), np.arcsinh(steepest), _STEPS)):
        for signed in (normal, -normal):
            worth = a * signed - t * a**2
            best = np.argpartition(worth, len(a) - k, axis=1)[:, len(a) - k :]
            parts = a[best]
            error = (parts * np.take_along_axis(signed, best, 1)).sum(axis=1)
            np.maximum(largest, error / np.sqrt((parts**2).sum(axis=1)), out=largest)
    return float(np.quantile(largest, level))
