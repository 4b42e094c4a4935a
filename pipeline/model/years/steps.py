"""The year at which a municipality's granting changed level: a change-point of counts.

A count of a year is Poisson around its expected number times the municipality's level, which moves
a little from year to year in every municipality (by a coefficient of variation that all share), and
is shown with noise. A step is a year from which the level is another one. The statistic is the
largest log-likelihood ratio, over the years that a step may have begun in, of two levels against
one (Hinkley, D. V. & Hinkley, E. A. (1970). Inference about the change-point in a sequence of
binomial variables. Biometrika 57, 477-488). Its distribution under one level is simulated for every
municipality as it is, noise and yearly movement included, until enough draws lie beyond (Besag, J.
& Clifford, P. (1991). Sequential Monte Carlo p-values. Biometrika 78, 301-304).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from pipeline.model.numerics.shown_counts import Transitions
from pipeline.model.years.adjusted import AdjustedYears

#: Years that a level is told from at least, before a step and after it.
FEWEST_YEARS = 2
#: Draws under no step: so many first, as many again until this many lie beyond, at most so many.
_DRAWS, _BEYOND, _MOST_DRAWS = 199, 20, 9_999
#: Statistics no further apart are the same.
_SAME = 1e-9
#: Draws of a factor's limits.
_FACTOR_DRAWS = 1_000


@dataclass(frozen=True)
class Steps:
    """The likeliest step of each of M municipalities; nan where a municipality cannot be looked at.

    ``year`` is the first year of the new level, ``low`` and ``high`` the ends of the shortest list
    of likeliest years that holds the asked probability, if there was one step and every year was as
    likely before. ``before`` and ``after`` are levels, O/E of the country's year; ``factor`` after
    over before, averaged with its limits over the years it may have been. ``p_value`` is that of
    one level.
    """

    year: np.ndarray
    low: np.ndarray
    high: np.ndarray
    before: np.ndarray
    after: np.ndarray
    factor: np.ndarray
    factor_low: np.ndarray
    factor_high: np.ndarray
    p_value: np.ndarray


def yearly_variation(history: AdjustedYears) -> float:
    """Return by what coefficient of variation levels move from year to year, of all municipalities.

    By moments: given the grants of two years after each other, those of the second are binomial but
    for the movement and noise. A step touches one pair of a municipality's years. At least 0.
    """
    observed, expected = history.counted, history.expected
    both = (expected[:, :-1] > 0) & (expected[:, 1:] > 0)
    first, second = observed[:, :-1], observed[:, 1:]
    total = first + second
    with np.errstate(divide="ignore", invalid="ignore"):
        share = expected[:, 1:] / (expected[:, :-1] + expected[:, 1:])
    share = np.where(both, share, 0.5)
    split = share * (1 - share)
    noise = history.noise_variance
    noise = (1 - share) ** 2 * noise[:, 1:] + share**2 * noise[:, :-1]
    beyond = (second - share * total) ** 2 - split * total - noise
    # The log of the ratio of two years has twice the squared variation.
    weight = 2 * (split * total) ** 2 / np.maximum(split * total + noise, 0.25)
    scaled = beyond / np.maximum(split * total + noise, 0.25)
    moved = scaled[both].sum() / weight[both].sum() if weight[both].sum() > 0 else 0.0
    return float(np.sqrt(max(moved, 0.0)))


def steps_of(
    history: AdjustedYears, variation: float, transitions: Transitions, level: float, seed: int
) -> Steps:
    """Return the steps of ``history`` where levels vary by ``variation`` without one.

    ``transitions`` say how counts are shown. A municipality needs :data:`FEWEST_YEARS` years with
    something expected at either end; years not shown take no part.
    """
    observed, expected = history.counted, history.expected
    rng = np.random.default_rng(seed)
    cuts = cuts_of(expected)
    made = {name: np.full(len(expected), np.nan) for name in Steps.__annotations__}
    made["p_value"] = p_values_of(history, variation, transitions, rng)
    for place in np.flatnonzero(np.isfinite(made["p_value"])):
        o, e, at = observed[place], expected[place], 1 + np.flatnonzero(cuts[place])
        n_years, rate = np.count_nonzero(e), o.sum() / e.sum()
        # How much more a count varies than a Poisson one of its size.
        mean, noise = rate * e.sum() / n_years, history.noise_variance[place].sum() / n_years
        excess = 1 + mean * variation**2 + noise / mean
        found = _weighed(o, e, at, excess)
        order = np.argsort(-found, kind="stable")
        enough = int(np.searchsorted(np.cumsum(found[order]), level)) + 1
        listed, best = at[order[:enough]], at[order[0]]
        first_year = history.years[0]
        made["year"][place] = first_year + best
        made["low"][place], made["high"][place] = (
            first_year + listed.min(),
            first_year + listed.max(),
        )
        made["before"][place] = o[:best].sum() / e[:best].sum()
        made["after"][place] = o[best:].sum() / e[best:].sum()
        tail = (1 - level) / 2
        factors = _factors(o, e, at, found, excess, rng)
        made["factor"][place], made["factor_low"][place], made["factor_high"][place] = np.quantile(
            factors, [0.5, tail, 1 - tail]
        )
    return Steps(**made)


def cuts_of(expected: np.ndarray) -> np.ndarray:
    """Return (M, T - 1) whether the level may change between two years of (M, T).

    In front of a year that is shown, with :data:`FEWEST_YEARS` shown years on either side.
    """
    known = expected > 0
    before = np.cumsum(known, axis=1)[:, :-1]
    after = known.sum(axis=1, keepdims=True) - before
    return np.asarray(known[:, 1:] & (before >= FEWEST_YEARS) & (after >= FEWEST_YEARS))


def largest_ratio(observed: np.ndarray, expected: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """Return (..., M) the largest log-likelihood ratio of two levels of (..., M, T) counts.

    ``expected`` is (M, T), ``cuts`` (M, T - 1) as :func:`cuts_of` gives them, one at least.
    """
    before, of_before = (np.cumsum(values, axis=-1) for values in (observed, expected))
    total, exposure = before[..., -1], of_before[..., -1]
    before, of_before = before[..., :-1], np.where(cuts, of_before[..., :-1], 1.0)
    after = total[..., None] - before
    of_after = np.where(cuts, exposure[..., None] - of_before, 1.0)
    two = special.xlogy(before, before / of_before) + special.xlogy(after, after / of_after)
    one = special.xlogy(total, total / exposure)
    return np.asarray(np.where(cuts, two, -np.inf).max(axis=-1) - one)


def p_values_of(
    history: AdjustedYears, variation: float, transitions: Transitions, rng: np.random.Generator
) -> np.ndarray:
    """Return (M,) the share of draws with one level whose statistic is no smaller, nan as in steps.

    What is seen is counted among them. Years without anything expected stay empty.
    """
    observed, expected = history.counted, history.expected
    cuts = cuts_of(expected)
    looked_at = np.flatnonzero(cuts.any(axis=1) & (observed.sum(axis=1) > 0))
    o, e, cuts = (values[looked_at] for values in (observed, expected, cuts))
    p_value = np.full(len(observed), np.nan)
    if not len(looked_at):
        return p_value
    seen = largest_ratio(o, e, cuts) - _SAME
    mean = e * (o.sum(axis=1) / e.sum(axis=1))[:, None]
    beyond, drawn = np.zeros(len(o)), np.zeros(len(o))
    n_draws = _DRAWS
    while len(left := np.flatnonzero((beyond < _BEYOND) & (drawn < _MOST_DRAWS))):
        counts = drawn_counts(
            np.broadcast_to(mean[left], (n_draws, *mean[left].shape)), variation, rng
        )
        shown = transitions.shown(counts, rng.random(counts.shape)).astype(float)
        beyond[left] += (largest_ratio(shown, e[left], cuts[left]) >= seen[left]).sum(axis=0)
        drawn[left] += n_draws
        n_draws = int(min(drawn[left].max(), _MOST_DRAWS - drawn[left].max()))
    p_value[looked_at] = (beyond + 1) / (drawn + 1)
    return p_value


def drawn_counts(mean: np.ndarray, variation: float, rng: np.random.Generator) -> np.ndarray:
    """Return counts around ``mean`` that vary by ``variation`` beyond chance. Same shape."""
    if variation > 0:
        shape = variation**-2
        mean = mean * rng.standard_gamma(shape, mean.shape) / shape
    return np.asarray(rng.poisson(mean))


def _weighed(o: np.ndarray, e: np.ndarray, cuts: np.ndarray, excess: float) -> np.ndarray:
    """Return (K,) how likely each cut is if there is one: levels integrated out, prior level."""
    before, of_before = np.cumsum(o)[cuts - 1] / excess, np.cumsum(e)[cuts - 1] / excess
    after, of_after = o.sum() / excess - before, e.sum() / excess - of_before
    value = sum(
        special.gammaln(n + 0.5) - (n + 0.5) * np.log(of)
        for n, of in ((before, of_before), (after, of_after))
    )
    return np.asarray(special.softmax(value))


def _factors(
    o: np.ndarray,
    e: np.ndarray,
    cuts: np.ndarray,
    share: np.ndarray,
    excess: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return draws of the level after over that before, cuts drawn by ``share``."""
    cut = rng.choice(cuts, size=_FACTOR_DRAWS, p=share)
    before, of_before = np.cumsum(o)[cut - 1] / excess, np.cumsum(e)[cut - 1] / excess
    after, of_after = o.sum() / excess - before, e.sum() / excess - of_before
    levels = [
        rng.standard_gamma(n + 0.5) / of for n, of in ((before, of_before), (after, of_after))
    ]
    return np.asarray(levels[1] / np.maximum(levels[0], 1e-12))
