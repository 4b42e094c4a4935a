"""Counts with gamma-distributed ratios: posterior and draws, exact for small units.

A unit's count is Poisson with mean ratio * E and the ratios are gamma around a common mean; given
the count the ratio is gamma again. Of a count that is shown with noise the ratio is a mixture of
gammas, one for each count that may stand behind it (:class:`PossibleCounts`).

Clayton, D. & Kaldor, J. (1987). Empirical Bayes estimates of age-standardized relative risks for
use in disease mapping. Biometrics 43, 671-681.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from pipeline.model.numerics.shown_counts import EXACT, Transitions

Floats = NDArray[np.float64]
#: Best means are left where a step is this short relative to them.
_SAME_MEAN = 1e-10
#: Least share of a Newton step's slope that is left where noise takes the rest.
_LEAST_SLOPE = 0.1
#: A precision below this is the Poisson model's.
_POISSON = 1e-12


@dataclass(frozen=True)
class PossibleCounts:
    """The true counts that may stand behind n counts, and the chance of being shown so.

    ``true`` (n, W) and ``log_chance`` (n, W), up to a constant of each row; without noise W is 1.
    """

    true: Floats
    log_chance: Floats

    @classmethod
    def of(cls, observed: Floats, transitions: Transitions = EXACT) -> PossibleCounts:
        """Return what may stand behind counts (n,) shown by ``transitions``.

        Without noise they need not be whole numbers. Raises :class:`ValueError` for a count that is
        never shown.
        """
        if not transitions.reach:
            return cls(observed[:, None], np.zeros((len(observed), 1)))
        possible, chance = transitions.behind(observed)
        if not (chance > 0).any(axis=1).all():
            raise ValueError("counts must be such as may be shown")
        true = np.maximum(possible, 0).astype(np.float64)
        with np.errstate(divide="ignore"):
            return cls(true, np.log(chance) - special.gammaln(true + 1))

    @property
    def is_exact(self) -> bool:
        """Whether what is shown is what was counted."""
        return self.true.shape[1] == 1

    def shares(self, log_terms: Floats) -> Floats:
        """Return the probability (n, W) of each true count from its log density (n, W)."""
        density = np.exp(log_terms - log_terms.max(axis=1, keepdims=True))
        return np.asarray(density / density.sum(axis=1, keepdims=True))


def check_counts(observed: Floats, expected: Floats) -> None:
    """Refuse counts no ratio can be made of; raises :class:`ValueError`."""
    if observed.shape != expected.shape or observed.ndim != 1:
        raise ValueError("observed and expected must be vectors of one length")
    if not (np.all(np.isfinite(observed)) and np.all(np.isfinite(expected))):
        raise ValueError("observed and expected counts must not be missing")
    if observed.sum() == 0:
        raise ValueError("no unit has any event")
    if np.any((expected == 0) & (observed > 0)):
        raise ValueError("a unit with events has an expected count of 0")


def log_terms(counts: PossibleCounts, expected: Floats, mean: float, precision: float) -> Floats:
    """Return the log density (n, W) of each true count and of its being shown so.

    Up to a constant of each row, with ``precision`` = 1 / shape; 0 is the Poisson model, and the
    value is continuous there.
    """
    return _counted(counts, precision) + _of_mean(counts, expected, mean, precision)


def _counted(counts: PossibleCounts, precision: float) -> Floats:
    """Return the part (n, W) of the log density that the mean is not in."""
    if precision < _POISSON:
        return counts.log_chance
    a, true = 1 / precision, counts.true
    # log Gamma(a + O) - log Gamma(a) - O log a, stable for a large shape.
    rising = special.gammaln(a + true) - special.gammaln(a) - true * np.log(a)
    return np.asarray(counts.log_chance + rising)


def _of_mean(counts: PossibleCounts, expected: Floats, mean: float, precision: float) -> Floats:
    """Return the part (n, W) of the log density that the mean is in."""
    mu = (mean * expected)[:, None]
    if precision < _POISSON:
        return np.asarray(special.xlogy(counts.true, mu) - mu)
    spread = (1 / precision + counts.true) * np.log1p(mu * precision)
    return np.asarray(special.xlogy(counts.true, mu) - spread)


def log_marginal(counts: PossibleCounts, expected: Floats, mean: float, precision: float) -> float:
    """Return the marginal log-likelihood of what is shown, up to a constant."""
    terms = log_terms(counts, expected, mean, precision)
    return float(terms.sum() if counts.is_exact else special.logsumexp(terms, axis=1).sum())


def best_mean(counts: PossibleCounts, expected: Floats, precision: float, start: float) -> float:
    """Return the mean ratio of largest likelihood for a given ``precision`` = 1 / shape.

    ``start``, above 0, only saves time where it is near.
    """
    mean, counted = start, _counted(counts, precision)
    o, hidden = counts.true[:, 0], np.zeros(len(expected))
    for _ in range(100):  # Newton on sum (O - mu) / (1 + mu precision), decreasing and convex
        if not counts.is_exact:
            share = counts.shares(counted + _of_mean(counts, expected, mean, precision))
            o = np.sum(share * counts.true, axis=1)
            hidden = np.sum(share * counts.true**2, axis=1) - o**2
        weight = 1 / (1 + mean * expected * precision)
        gain = float(weight @ (o - mean * expected))
        slope = float((weight**2) @ (expected * (1 + precision * o)))
        # What noise hides moves along with the mean.
        slope -= min(float((weight**2) @ hidden) / mean, (1 - _LEAST_SLOPE) * slope)
        new = max(mean + gain / slope, mean / 2)
        if abs(new - mean) <= _SAME_MEAN * mean:
            return new
        mean = new
    return mean


def posterior_grid(
    counts: PossibleCounts, e: Floats, n_points: int = 60
) -> tuple[Floats, Floats, Floats]:
    """Return weights, precisions (1 / shape) and means of a grid over the ratios' relative sd.

    The precision is the squared relative standard deviation; the grid ends where the likelihood
    has become negligible.
    """
    first_mean = max(float(counts.true[:, counts.true.shape[1] // 2].sum() / e.sum()), 1e-9)

    def evaluate(points: Floats) -> tuple[Floats, Floats]:
        means, mean = [], first_mean
        for a in points**2:
            mean = best_mean(counts, e, a, mean)
            means.append(mean)
        values = [log_marginal(counts, e, m, a) for a, m in zip(points**2, means, strict=True)]
        return np.array(values), np.array(means)

    coarse = np.concatenate([[0.0], np.logspace(-3, 1, 33)])
    values, _ = evaluate(coarse)
    likely = np.flatnonzero(values > values.max() - 14)
    first = coarse[max(likely[0] - 1, 0)]
    last = coarse[min(likely[-1] + 1, len(coarse) - 1)]
    points = np.linspace(first, last, n_points)
    values, means = evaluate(points)
    weight = np.exp(values - values.max())
    return weight / weight.sum(), points**2, means


def posterior_means(
    counts: PossibleCounts, e: Floats, share: Floats, precision: Floats, mean: Floats
) -> Floats:
    """Return the (n,) posterior mean ratios of counts, averaged over a :func:`posterior_grid`."""
    ratio = np.zeros(len(e))
    for p, a, m in zip(share, precision, mean, strict=True):
        if a == 0:
            ratio += p * m
            continue
        o = np.sum(counts.shares(log_terms(counts, e, m, a)) * counts.true, axis=1)
        ratio += p * (1 / a + o) / (1 / (a * m) + e)
    return ratio


def posterior_draws(
    counts: PossibleCounts,
    e: Floats,
    share: Floats,
    precision: Floats,
    mean: Floats,
    draws: int,
    seed: int,
) -> Floats:
    """Return (n, draws) draws of the ratios; the grid points get draws by their weight."""
    rng = np.random.default_rng(seed)
    # Systematic allocation: no simulation noise in how often a grid point is used.
    edges = np.round(np.concatenate([[0.0], np.cumsum(share)]) * draws).astype(np.int64)
    drawn = np.empty((len(e), draws))
    for start, stop, a, m in zip(edges[:-1], edges[1:], precision, mean, strict=True):
        if a == 0:
            drawn[:, start:stop] = m
        elif stop > start:
            shape = 1 / a + _drawn_counts(counts, e, m, a, stop - start, rng)
            gamma = rng.standard_gamma(np.broadcast_to(shape, (len(e), stop - start)))
            drawn[:, start:stop] = gamma / (1 / (a * m) + e)[:, None]
    return drawn


def _drawn_counts(
    counts: PossibleCounts,
    e: Floats,
    mean: float,
    precision: float,
    n: int,
    rng: np.random.Generator,
) -> Floats:
    """Return draws (n, draws) of what stands behind the counts; (n, 1) where that is known."""
    if counts.is_exact:
        return counts.true
    upto = np.cumsum(counts.shares(log_terms(counts, e, mean, precision)), axis=1)
    picks = rng.random((len(e), n))
    place = np.sum(picks[:, None, :] >= upto[:, :-1, None], axis=1)
    return np.take_along_axis(counts.true, place, axis=1)
