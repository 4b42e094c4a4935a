"""Empirical-Bayes estimates of unit effects and of O/E ratios, with their intervals.

Two models: normal effects shrunken towards a regression on framework conditions, and counts with
gamma-distributed ratios, exact for small units. Intervals of empirical-Bayes estimates hold on
average over units, not for each unit: a truly extreme unit is covered less often.

Efron, B. & Morris, C. (1975). Data analysis using Stein's estimator and its generalizations.
JASA 70, 311-319. Clayton, D. & Kaldor, J. (1987). Empirical Bayes estimates of age-standardized
relative risks for use in disease mapping. Biometrics 43, 671-681.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from pipeline.model.intervals import counts, normal_quantile
from pipeline.model.second_stage import SecondStage, fit_second_stage

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ShrinkageResult:
    """Effects of n units shrunken towards a common mean or regression.

    Attributes
    ----------
    tau2: between-unit variance around ``mean``.
    mean: (n,) prior mean of each unit, X b.
    shrunk: (n,) reliability * effect + (1 - reliability) * mean.
    shrunk_se: (n,) its error, the uncertainty of b included, that of tau2 not.
    reliability: (n,) tau2 / (tau2 + se^2); 0 for a unit without an estimate.
    low, high: (n,) normal limits around ``shrunk``.
    second_stage: the regression behind ``mean``.
    """

    tau2: float
    mean: Floats
    shrunk: Floats
    shrunk_se: Floats
    reliability: Floats
    low: Floats
    high: Floats
    second_stage: SecondStage


@dataclass(frozen=True)
class GammaPoisson:
    """O/E ratios of n units under Poisson counts with gamma-distributed ratios.

    Attributes
    ----------
    mean: prior mean of the ratio.
    shape: gamma shape a = mean^2 / variance; infinite when the counts show no extra variance.
    ratio: (n,) posterior means (a + O) / (a / mean + E).
    low, high: (n,) equal-tailed posterior limits at the asked level.
    reliability: (n,) E / (E + a / mean), the weight of the unit's own O/E.
    """

    mean: float
    shape: float
    ratio: Floats
    low: Floats
    high: Floats
    reliability: Floats


def empirical_bayes(
    effect: ArrayLike,
    se: ArrayLike,
    level: float = 0.95,
    covariates: ArrayLike | None = None,
    method: str = "REML",
    *,
    covariance: ArrayLike | None = None,
    tau2: float | None = None,
) -> ShrinkageResult:
    """Return effects (n,) shrunken towards their mean or their regression on ``covariates``.

    A unit without an estimate (effect or standard error not finite, or a standard error of 0)
    takes no part in the fit, gets its prior mean and reliability 0. ``covariance`` (n, n), if
    given, weighs the regression and tau2; the shrinkage of a unit uses its own standard error.
    ``method`` names the estimator of tau2, see :mod:`pipeline.model.second_stage`; ``tau2`` given
    is used instead. Raises :class:`ValueError` where fewer units have an estimate than the
    regression needs.
    """
    y, s = np.asarray(effect, dtype=np.float64), np.asarray(se, dtype=np.float64)
    if y.shape != s.shape or y.ndim != 1:
        raise ValueError(f"effects {y.shape} and standard errors {s.shape} must be equal vectors")
    known = np.isfinite(y) & np.isfinite(s) & (s > 0)
    conditions = None if covariates is None else np.asarray(covariates, float).reshape(len(y), -1)
    part = None if conditions is None else conditions[known]
    errors = None if covariance is None else np.asarray(covariance, float)[np.ix_(known, known)]
    stage = fit_second_stage(
        y[known],
        s[known] if errors is None else None,
        part,
        method,
        level,
        covariance=errors,
        knapp_hartung=False,
        tau2=tau2,
    )
    columns = np.ones((len(y), 1))
    if conditions is not None:
        columns = np.hstack([columns, conditions])
    mean = columns @ stage.coefficients
    variance = np.where(known, s, np.inf) ** 2
    reliability = stage.tau2 / (stage.tau2 + variance)
    shrunk = mean + reliability * (np.where(known, y, mean) - mean)
    mean_variance = np.einsum("ij,jk,ik->i", columns, stage.covariance, columns)
    own = stage.tau2 * (1 - reliability)  # = reliability * se^2 where there is an estimate
    shrunk_se = np.sqrt(own + (1 - reliability) ** 2 * mean_variance)
    reach = normal_quantile(level) * shrunk_se
    return ShrinkageResult(
        tau2=stage.tau2,
        mean=mean,
        shrunk=shrunk,
        shrunk_se=shrunk_se,
        reliability=reliability,
        low=shrunk - reach,
        high=shrunk + reach,
        second_stage=stage,
    )


def gamma_poisson(observed: ArrayLike, expected: ArrayLike, level: float = 0.95) -> GammaPoisson:
    """Return empirical-Bayes O/E ratios of counts (n,), by maximum marginal likelihood.

    A unit with expected count 0 gets the prior mean. Without extra-Poisson variance every unit
    gets the common ratio and its interval closes on it. Raises :class:`ValueError` without any
    event or for a positive count where none is expected.
    """
    o, e = counts(observed), counts(expected)
    check_counts(o, e)
    precision, mean = _fit_gamma_poisson(o, e)
    tail = (1 - level) / 2
    if precision == 0.0:
        same = np.full(len(o), mean)
        return GammaPoisson(mean, np.inf, same, same, same, np.zeros(len(o)))
    shape = 1 / precision
    rate = shape / mean
    return GammaPoisson(
        mean=mean,
        shape=shape,
        ratio=(shape + o) / (rate + e),
        low=special.gammaincinv(shape + o, tail) / (rate + e),
        high=special.gammainccinv(shape + o, tail) / (rate + e),
        reliability=e / (e + rate),
    )


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
    for _ in range(200):  # the likelihood equation sum (O - mu) / (1 + mu precision) = 0
        weight = 1 / (1 + mean * expected * precision)
        new = float((weight @ observed) / (weight @ expected))
        if abs(new - mean) <= 1e-14 * mean:
            return new
        mean = new
    return mean


def _fit_gamma_poisson(observed: Floats, expected: Floats) -> tuple[float, float]:
    """Return ``(precision, mean)`` of largest marginal likelihood; precision 0 at the edge."""

    def loss(log_precision: float) -> float:
        precision = float(np.exp(log_precision))
        return -log_marginal(
            observed, expected, best_mean(observed, expected, precision), precision
        )

    grid = np.linspace(np.log(1e-6), np.log(1e2), 47)
    values = np.array([loss(point) for point in grid])
    i = int(values.argmin())
    edges = (grid[max(i - 1, 0)], grid[min(i + 1, len(grid) - 1)])
    found = optimize.minimize_scalar(loss, bounds=edges, method="bounded", options={"xatol": 1e-9})
    mean = best_mean(observed, expected, 0.0)
    if -found.fun <= log_marginal(observed, expected, mean, 0.0) + 1e-7:
        return 0.0, mean
    precision = float(np.exp(found.x))
    return precision, best_mean(observed, expected, precision)
