"""Counts with gamma-distributed ratios: posterior and draws, exact for small units.

A unit's count is Poisson with mean ratio * E and the ratios are gamma around a common mean; given
the count the ratio is gamma again.

Clayton, D. & Kaldor, J. (1987). Empirical Bayes estimates of age-standardized relative risks for
use in disease mapping. Biometrics 43, 671-681.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]


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


def log_marginal(observed: Floats, expected: Floats, mean: float, precision: float) -> float:
    """Return the marginal log-likelihood, up to a constant, with ``precision`` = 1 / shape.

    ``precision`` 0 is the Poisson model; the value is continuous there.
    """
    mu = mean * expected
    with np.errstate(divide="ignore", invalid="ignore"):
        poisson = special.xlogy(observed, mu) - mu
        if precision < 1e-12:
            return float(poisson.sum())
        a = 1 / precision
        # log Gamma(a + O) - log Gamma(a) - O log a, stable for a large shape.
        rising = special.gammaln(a + observed) - special.gammaln(a) - observed * np.log(a)
        spread = special.xlogy(observed, mu) - (a + observed) * np.log1p(mu / a)
    return float(np.sum(rising + spread))


def best_mean(observed: Floats, expected: Floats, precision: float) -> float:
    """Return the mean ratio of largest likelihood for a given ``precision`` = 1 / shape."""
    mean = float(observed.sum() / expected.sum())
    for _ in range(100):  # Newton on sum (O - mu) / (1 + mu precision), decreasing and convex
        weight = 1 / (1 + mean * expected * precision)
        gain = float(weight @ (observed - mean * expected))
        slope = float((weight**2) @ (expected * (1 + precision * observed)))
        new = max(mean + gain / slope, mean / 2)
        if abs(new - mean) <= 1e-13 * mean:
            return new
        mean = new
    return mean


def posterior_grid(o: Floats, e: Floats, n_points: int = 60) -> tuple[Floats, Floats, Floats]:
    """Return weights, precisions (1 / shape) and means of a grid over the ratios' relative sd.

    The precision is the squared relative standard deviation; the grid ends where the likelihood
    has become negligible.
    """

    def evaluate(points: Floats) -> tuple[Floats, Floats]:
        means = np.array([best_mean(o, e, a) for a in points**2])
        values = [log_marginal(o, e, m, a) for a, m in zip(points**2, means, strict=True)]
        return np.array(values), means

    coarse = np.concatenate([[0.0], np.logspace(-3, 1, 33)])
    values, _ = evaluate(coarse)
    likely = np.flatnonzero(values > values.max() - 14)
    first = coarse[max(likely[0] - 1, 0)]
    last = coarse[min(likely[-1] + 1, len(coarse) - 1)]
    points = np.linspace(first, last, n_points)
    values, means = evaluate(points)
    weight = np.exp(values - values.max())
    return weight / weight.sum(), points**2, means


def posterior_means(o: Floats, e: Floats, share: Floats, precision: Floats, mean: Floats) -> Floats:
    """Return the (n,) posterior mean ratios of counts, averaged over a :func:`posterior_grid`."""
    ratio = np.zeros(len(o))
    for p, a, m in zip(share, precision, mean, strict=True):
        ratio += p * (m if a == 0 else (1 / a + o) / (1 / (a * m) + e))
    return ratio


def posterior_draws(
    o: Floats,
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
    drawn = np.empty((len(o), draws))
    for start, stop, a, m in zip(edges[:-1], edges[1:], precision, mean, strict=True):
        if a == 0:
            drawn[:, start:stop] = m
        elif stop > start:
            shape = (1 / a + o)[:, None]
            gamma = rng.standard_gamma(np.broadcast_to(shape, (len(o), stop - start)))
            drawn[:, start:stop] = gamma / (1 / (a * m) + e)[:, None]
    return drawn
