"""Units that differ by normal effects, fitted to their events: spread, level, and each effect.

Effects are N(mean, tau2); events given effects are Poisson or binomial
(:mod:`pipeline.model.numerics.unit_likelihood`). ``ML`` maximises the likelihood over mean and
tau2, as R's ``lme4::glmer(nAGQ = 25)`` does. ``REML`` integrates the mean out first, by Laplace's
method, which is exact for normal errors: with few units ML is too low, because it takes the fitted
mean for the true one.

Shrunken effects carry the uncertainty of the mean and of tau2: a mixture over tau, weighted by the
restricted likelihood and half of a t prior (4 degrees of freedom, scale 1 log odds) on tau. Limits
that take one tau2 as true are too narrow where units are few or small, and none where it is 0.

Bates, D., Maechler, M., Bolker, B. & Walker, S. (2015). Fitting linear mixed-effects models using
lme4. J. Statistical Software 67(1). Gelman, A. (2006). Prior distributions for variance parameters
in hierarchical models. Bayesian Analysis 1, 515-534. Kass, R. E. & Steffey, D. (1989). Approximate
Bayesian inference in conditionally independent hierarchical models. JASA 84, 717-726.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

from pipeline.model.numerics.normal_mixture import (
    grid_weights,
    log_prior,
    mixture_limits,
    mixture_moments,
    spread_grid,
    spread_limits,
)
from pipeline.model.numerics.unit_likelihood import NODES, PriorMoments, UnitLikelihood

Floats = NDArray[np.float64]

#: Beyond this many times ML the restricted likelihood has no maximum worth the name: it stays flat
#: where one unit alone has events.
_MOST_ABOVE_ML = 4.0
#: A spread is looked for between these, log odds; nodes of the mixture over it.
_LEAST_TAU, _MOST_TAU = 1e-3, 60.0
_GRID = 32
#: Step, in log tau, of the numerical slope of the mean's error.
_STEP = 0.02
#: A point whose log density lies this far below the highest no longer counts.
_NEGLIGIBLE = 12.0
_MOST_STEPS = 100


@dataclass(frozen=True)
class RandomEffects:
    """Effects of n units and their spread.

    Attributes
    ----------
    tau2, tau2_low, tau2_high: restricted maximum likelihood and its profile-likelihood limits.
        The upper one is infinite where the likelihood does not fall below them.
    method: REML; ML where the restricted likelihood has no maximum worth the name.
    tau2_ml, mean_ml: maximum likelihood.
    log_likelihood: at the maximum, without what no parameter changes.
    mean, mean_se: level of the effects at ``tau2``.
    reliability: (n,) 1 - the unit's posterior variance at ``tau2`` over tau2; 0 where tau2 is 0.
    shrunk, shrunk_se, low, high: (n,) posterior of the effects, the uncertainty of the mean, of
        tau2 and of the slopes included.
    """

    tau2: float
    method: str
    tau2_low: float
    tau2_high: float
    tau2_ml: float
    mean_ml: float
    log_likelihood: float
    mean: float
    mean_se: float
    reliability: Floats
    shrunk: Floats
    shrunk_se: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class _Level:
    """The best mean for one tau: its likelihood, error, and the units' moments there."""

    mean: float
    variance: float
    log_likelihood: float
    restricted: float
    units: PriorMoments


_Levels = Callable[[float], _Level]


def fit_random_effects(
    likelihood: UnitLikelihood,
    level: float = 0.95,
    slope_variance: ArrayLike = 0.0,
    nodes: int = NODES,
) -> RandomEffects:
    """Return spread, level and shrunken effects of n units, with limits at ``level``.

    ``slope_variance`` (n,) is what the first stage's slopes add to the error of each effect; it
    widens the limits, each unit's by the square of its reliability. ``nodes`` of the quadrature.
    """
    slopes = np.broadcast_to(np.asarray(slope_variance, dtype=np.float64), likelihood.events.shape)
    grid = np.concatenate([[0.0], np.geomspace(_LEAST_TAU, _MOST_TAU, _GRID - 1)])
    coarse: list[_Level] = []
    for tau in grid.tolist():
        coarse.append(_best_mean(likelihood, tau, coarse[-1] if coarse else None, nodes))

    def at(tau: float) -> _Level:
        # From the grid's nearest, wherever else was looked before: one tau has one value.
        place = int(np.abs(grid - tau).argmin())
        if grid[place] == tau:
            return coarse[place]
        return _best_mean(likelihood, tau, coarse[place], nodes)

    full = np.array([one.log_likelihood for one in coarse])
    restricted = np.array([one.restricted for one in coarse])
    tau_ml = _best_spread(at, grid, full, is_restricted=False)
    tau, method = _best_spread(at, grid, restricted, is_restricted=True), "REML"
    if tau**2 > _MOST_ABOVE_ML * tau_ml**2 > 0:
        tau, method = tau_ml, "ML"
    # The limits go out from the top of the restricted likelihood, wherever the estimate is.
    top = tau if method == "REML" and at(tau).restricted >= restricted.max() else None
    top = float(grid[restricted.argmax()]) if top is None else top
    most_likely, best = at(tau_ml), at(tau)
    floor = max(best.restricted, float(restricted.max())) - float(stats.chi2.ppf(level, 1)) / 2
    low, high = spread_limits(lambda tau: at(tau).restricted - floor, grid, restricted - floor, top)
    mixed = _mixture(at, grid, restricted, slopes, level)
    spread = max(tau**2, 1e-300)
    reliability = 1 - best.units.variance / spread if tau > 0 else np.zeros(len(slopes))
    return RandomEffects(
        tau2=tau**2,
        method=method,
        tau2_low=min(low, tau) ** 2,
        tau2_high=max(high, tau) ** 2,
        tau2_ml=tau_ml**2,
        mean_ml=most_likely.mean,
        log_likelihood=most_likely.log_likelihood,
        mean=best.mean,
        mean_se=float(np.sqrt(best.variance)),
        reliability=np.clip(reliability, 0.0, 1.0),
        shrunk=mixed[0],
        shrunk_se=mixed[1],
        low=mixed[2],
        high=mixed[3],
    )


def _best_mean(likelihood: UnitLikelihood, tau: float, start: _Level | None, nodes: int) -> _Level:
    """Return the mean of largest likelihood given ``tau``: Newton's method, with bounds."""
    low, high, mean, n = -np.inf, np.inf, start.mean if start else 0.0, len(likelihood.events)
    modes = start.units.mode if start else None
    for _ in range(_MOST_STEPS):
        units = likelihood.under_prior(mean, tau**2, nodes, modes)
        modes = units.mode
        if tau > 0:
            score = float((units.mean - mean).sum()) / tau**2
            information = float((1 - units.variance / tau**2).sum()) / tau**2
        else:
            expected, pull = likelihood.slopes(np.full(n, mean))
            score, information = float((likelihood.events - expected).sum()), float(pull.sum())
        information = max(information, 1e-12)
        low, high = (mean, high) if score > 0 else (low, mean)
        step = float(np.clip(score / information, -4.0, 4.0))
        if abs(score) <= 1e-9 * np.sqrt(information) or abs(step) <= 1e-11 * (1 + abs(mean)):
            break
        new = mean + step
        mean = new if low < new < high else (low + high) / 2
    total = float(units.log_marginal.sum())
    return _Level(mean, 1 / information, total, total - np.log(information) / 2, units)


def _best_spread(at: _Levels, grid: Floats, values: Floats, *, is_restricted: bool) -> float:
    """Return the tau of largest (restricted) likelihood: the root of its slope near the best of
    the grid, which is sharper than the top of a flat hump; 0 at the edge.
    """

    def slope(log_tau: float) -> float:
        best = at(float(np.exp(log_tau)))
        spread = np.exp(2 * log_tau)
        second = best.units.variance + (best.units.mean - best.mean) ** 2
        slope_now = float((second / spread - 1).sum())
        if is_restricted:
            near = [np.log(at(float(np.exp(log_tau + k * _STEP))).variance) for k in (-2, -1, 1, 2)]
            slope_now += (near[0] - 8 * near[1] + 8 * near[2] - near[3]) / (24 * _STEP)
        return slope_now

    place = int(values.argmax())
    if place == 0:
        return 0.0
    first = np.log(grid[place - 1]) if place > 1 else np.log(grid[1]) - 1.0
    last = np.log(grid[min(place + 1, len(grid) - 1)])
    if slope(first) > 0 > slope(last):
        return float(np.exp(optimize.brentq(slope, first, last, xtol=1e-12)))
    return float(grid[place]) if place > 1 else 0.0


def _mixture(
    at: _Levels, grid: Floats, restricted: Floats, slopes: Floats, level: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return mean, standard error and limits (n,) of the effects, mixed over tau."""

    likely = np.flatnonzero(
        restricted + log_prior(grid) > (restricted + log_prior(grid)).max() - _NEGLIGIBLE
    )
    first = grid[max(likely[0] - 1, 0)] if likely[0] > 1 else 0.0
    last = grid[min(likely[-1] + 1, len(grid) - 1)]
    middle = float(np.sqrt(max(first, 0.05 * last) * last))
    taus = spread_grid(first, last, middle, _GRID)
    points = [at(float(tau)) for tau in taus]
    log_density = np.array([point.restricted for point in points]) + log_prior(taus)
    weight = grid_weights(taus, middle, log_density)
    means = np.array([point.units.mean for point in points])
    own = np.array([point.units.variance for point in points])
    kept = own / np.maximum(taus**2, 1e-300)[:, None]  # the share of the mean's error that is left
    kept[taus == 0] = 1.0
    of_mean = np.array([point.variance for point in points])[:, None]
    variances = own + kept**2 * of_mean + (1 - kept) ** 2 * slopes
    shrunk, variance = mixture_moments(weight, means, variances)
    return shrunk, np.sqrt(variance), *mixture_limits(weight, means, variances, level)
