"""What if every unit granted as the lowest do: how many grants fewer, three ways.

The standard is the pooled O/E of the chosen units, sum O / sum E. Were every unit to grant at it,
grants would fall by

    fewer = sum O - standard * sum E            (over all units, the chosen ones included)

The chosen units as a group then change by nothing (they are the standard), and no unit's own
change is floored at zero: one that grants below the standard is raised to it. The observed total
is taken as it is; the interval is that of the standard. ``fewer_share`` is fewer / sum O.

The lowest units are the k of lowest O/E (naive, split year) or lowest posterior ratio (empirical
Bayes); ties go to the larger expected count, then to the earlier unit. A unit with no expected
count is never chosen. ``units`` names the standard instead: then nothing is selected. Or the
standard is the unit at a *quantile* of the ranking: of n units the one at place ceil(quantile * n)
from the lowest.

Counts that are shown with noise (``transitions``) are taken for what may stand behind them: in the
limits of the standard, and by empirical Bayes in the figure too.

Husted, L., Heinesen, E. & Andersen, S. H. (2009), J. Population Economics 22, benchmarked Danish
municipalities so. On the winner's curse: Andrews, I., Kitagawa, T. & McCloskey, A. (2024).
Inference on winners. Quarterly J. Economics 139, 305-358.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.model.inference.gamma_poisson import (
    PossibleCounts,
    check_counts,
    posterior_draws,
    posterior_grid,
    posterior_means,
)
from pipeline.model.numerics.intervals import counts
from pipeline.model.numerics.shown_counts import EXACT, Transitions

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Counterfactual:
    """Fewer grants if every unit granted at the standard.

    Attributes
    ----------
    method: naive, empirical_bayes, split_year, conditional or hybrid.
    fewer_grants, low, high: grants fewer than observed and limits; negative means more.
    fewer_share, low_share, high_share: the same over the observed total.
    standard: pooled O/E of the chosen units, as estimated by the method.
    chosen: positions of the chosen units, lowest first.
    """

    method: str
    fewer_grants: float
    low: float
    high: float
    fewer_share: float
    low_share: float
    high_share: float
    standard: float
    chosen: Integers


def lowest_units(ratio: ArrayLike, expected: ArrayLike, k: int) -> Integers:
    """Return the positions of the k lowest ratios, lowest first; ties and zeros as above.

    Raises :class:`ValueError` when k is below 1 or above the number of units with expected count.
    """
    value, e = np.asarray(ratio, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    possible = np.flatnonzero((e > 0) & np.isfinite(value))
    if not 1 <= k <= len(possible):
        raise ValueError(f"k must lie between 1 and {len(possible)}, found {k}")
    order = np.lexsort((possible, -e[possible], value[possible]))
    return possible[order[:k]].astype(np.int64)


def quantile_unit(ratio: ArrayLike, expected: ArrayLike, quantile: float) -> Integers:
    """Return the position of the unit at ``quantile`` (0-1) of the ratios, as an array of one.

    Ties and zeros as in :func:`lowest_units`. Raises :class:`ValueError` outside 0-1.
    """
    value, e = np.asarray(ratio, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    place = _place(quantile, int(((e > 0) & np.isfinite(value)).sum()))
    return lowest_units(value, e, place)[-1:]


def naive(
    observed: ArrayLike,
    expected: ArrayLike,
    k: int,
    level: float = 0.95,
    units: ArrayLike | None = None,
    quantile: float | None = None,
    transitions: Transitions = EXACT,
) -> Counterfactual:
    """Return AKF's figure: the k lowest O/E taken at face value.

    The interval is the mid-p Poisson one of the standard, as if the units had been named in
    advance. Partly they are lowest by chance, so both figure and interval promise too much,
    unless ``units`` names them. ``quantile`` (0-1) takes the one unit there instead of the k
    lowest. Counts (n,). Raises :class:`ValueError`.
    """
    o, e = checked_counts(observed, expected)
    standard_units = _named(units, e) if units is not None else _lowest_ratio(o, e, k, quantile)
    return _measured(
        "naive",
        o[standard_units].sum(),
        e[standard_units],
        o.sum(),
        e.sum(),
        level,
        standard_units,
        transitions,
    )


def split_year(
    observed_first: ArrayLike,
    expected_first: ArrayLike,
    observed_second: ArrayLike,
    expected_second: ArrayLike,
    k: int,
    level: float = 0.95,
    units: ArrayLike | None = None,
    quantile: float | None = None,
    transitions: Transitions = EXACT,
) -> Counterfactual:
    """Return the figure with units chosen in one period and measured in another.

    The k lowest O/E of the first period are measured by their O/E of the second, and that
    standard is applied to both periods together. The two periods' counts are independent given
    the practices, so the interval holds although the units were selected. ``quantile`` as in
    :func:`naive`. Counts (n,) of the same units in the same order, or (n, years) where the years
    of a period are shown one by one. Raises :class:`ValueError`.
    """
    o1, e1 = checked_counts(_summed(observed_first), _summed(expected_first))
    o2, e2 = checked_counts(_summed(observed_second), _summed(expected_second))
    parts = np.asarray(expected_second, dtype=np.float64)
    if o1.shape != o2.shape:
        raise ValueError("the two periods must hold the same units")
    standard_units = _named(units, e1) if units is not None else _lowest_ratio(o1, e1, k, quantile)
    if e2[standard_units].sum() == 0:
        raise ValueError("the chosen units expect no grants in the second period")
    return _measured(
        "split_year",
        o2[standard_units].sum(),
        parts[standard_units].ravel(),
        o1.sum() + o2.sum(),
        e1.sum() + e2.sum(),
        level,
        standard_units,
        transitions,
    )


def empirical_bayes(
    observed: ArrayLike,
    expected: ArrayLike,
    k: int,
    level: float = 0.95,
    units: ArrayLike | None = None,
    draws: int = 20_000,
    seed: int = 1,
    target: str = "chosen",
    quantile: float | None = None,
    transitions: Transitions = EXACT,
) -> Counterfactual:
    """Return the figure with each unit's ratio shrunken, gamma-Poisson.

    Ratios are gamma around a common mean; their standard deviation has a flat prior and is
    averaged over, the mean takes its best value for each. Posterior means choose the k lowest
    and make the figure; the interval is equal-tailed from ``draws`` of the posterior by ``seed``.
    ``target``: ``chosen`` asks about the chosen units; ``lowest`` about the k truly lowest,
    whoever they are, and then the figure is the mean of the draws. ``quantile`` (0-1) instead of k
    asks about that quantile of the true ratios, which posterior means lie too close together to
    tell: it is taken in each draw, and the unit there by posterior mean is the one chosen. Raises
    :class:`ValueError`.
    """
    o, e = checked_counts(observed, expected)
    if target not in ("chosen", "lowest"):
        raise ValueError(f"target {target!r} is not one of chosen, lowest")
    behind = PossibleCounts.of(o, transitions)
    share, precision, mean = posterior_grid(behind, e)
    ratio = posterior_means(behind, e, share, precision, mean)
    if units is not None:
        standard_units = _named(units, e)
    elif quantile is not None:
        standard_units = quantile_unit(ratio, e, quantile)
    else:
        standard_units = lowest_units(ratio, e, k)

    drawn = posterior_draws(behind, e, share, precision, mean, draws, seed)
    if quantile is not None and units is None:
        possible = drawn[e > 0]
        place = _place(quantile, len(possible))
        standards = np.partition(possible, place - 1, axis=0)[place - 1]
        standard = float(standards.mean())
    elif target == "chosen" or units is not None:
        weight = e[standard_units] / e[standard_units].sum()
        standards = weight @ drawn[standard_units]
        standard = float(weight @ ratio[standard_units])
    else:
        drawn[e == 0] = np.inf
        lowest = np.argpartition(drawn, k - 1, axis=0)[:k]
        theirs = e[lowest]
        standards = np.sum(theirs * np.take_along_axis(drawn, lowest, 0), 0) / theirs.sum(axis=0)
        standard = float(standards.mean())
    low, high = map(float, np.quantile(standards, [(1 - level) / 2, (1 + level) / 2]))
    return counterfactual_of(
        "empirical_bayes", standard, low, high, o.sum(), e.sum(), standard_units
    )


def checked_counts(observed: ArrayLike, expected: ArrayLike) -> tuple[Floats, Floats]:
    """Return the counts (n,) as floats, checked."""
    o, e = counts(observed), counts(expected)
    check_counts(o, e)
    return o, e


def _summed(counts_of_years: ArrayLike) -> Floats:
    """Return the counts (n,) of a period from (n,) or (n, years)."""
    values = np.asarray(counts_of_years, dtype=np.float64)
    return values if values.ndim == 1 else values.sum(axis=1)


def _lowest_ratio(o: Floats, e: Floats, k: int, quantile: float | None) -> Integers:
    ratio = o / np.where(e > 0, e, np.nan)
    return lowest_units(ratio, e, k) if quantile is None else quantile_unit(ratio, e, quantile)


def _place(quantile: float, n_units: int) -> int:
    """Return the place of ``quantile`` among ``n_units``, 1 the lowest."""
    if not 0 < quantile <= 1:
        raise ValueError(f"quantile must be above 0 and at most 1, found {quantile}")
    return max(1, int(np.ceil(quantile * n_units - 1e-9)))


def _named(units: ArrayLike, expected: Floats) -> Integers:
    """Return the named positions, checked."""
    numbers = np.atleast_1d(np.asarray(units, dtype=np.int64))
    if len(numbers) == 0 or len(np.unique(numbers)) < len(numbers) or expected[numbers].sum() == 0:
        raise ValueError("name at least one unit with an expected count, each once")
    return numbers


def _measured(
    method: str,
    observed: float,
    expected: Floats,
    all_observed: float,
    all_expected: float,
    level: float,
    standard_units: Integers,
    transitions: Transitions,
) -> Counterfactual:
    """Return the figure for a standard of ``observed`` over ``expected`` grants.

    ``expected`` (p,) is that of each count that ``observed`` adds up.
    """
    low, high = transitions.pooled_limits(observed, expected, level)
    standard = observed / float(expected.sum())
    return counterfactual_of(
        method, standard, low, high, all_observed, all_expected, standard_units
    )


def counterfactual_of(
    method: str,
    standard: float,
    standard_low: float,
    standard_high: float,
    observed: float,
    expected: float,
    units: Integers,
) -> Counterfactual:
    """Return the figure for a standard with limits, of all ``observed`` and ``expected`` grants."""
    fewer, low, high = (
        float(observed - value * expected) for value in (standard, standard_high, standard_low)
    )
    return Counterfactual(
        method=method,
        fewer_grants=fewer,
        low=low,
        high=high,
        fewer_share=fewer / float(observed),
        low_share=low / float(observed),
        high_share=high / float(observed),
        standard=float(standard),
        chosen=units,
    )
