"""Empirical-Bayes estimates of unit effects and of O/E ratios, with their intervals.

Two models: effects shrunken towards a regression on framework conditions, here, and counts with
gamma-distributed ratios (:mod:`pipeline.model.inference.gamma_poisson`). The effects' prior is
normal; their errors are normal too or, where expected counts are given, those of counts
(:mod:`pipeline.model.inference.count_likelihood`). The posterior is joint over the units: errors
that units share through the first stage make it correlated, and so does the common regression.

Intervals of empirical-Bayes estimates hold on average over units, not for each unit: a truly
extreme unit is covered less often.

Efron, B. & Morris, C. (1975). Data analysis using Stein's estimator and its generalizations.
JASA 70, 311-319.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.model.inference.between_variance import (
    design_matrix,
    effects_known,
    regular_errors,
    tau2_interval,
)
from pipeline.model.inference.count_regression import (
    CountRegression,
    regress_counts,
    spreads_of_counts,
)
from pipeline.model.inference.second_stage import SecondStage, fit_second_stage
from pipeline.model.numerics.intervals import normal_quantile
from pipeline.model.numerics.normal_mixture import (
    grid_weights,
    log_prior,
    mixture_limits,
    mixture_moments,
)
from pipeline.model.numerics.shown_counts import ShownCounts

__all__ = ["ShrinkageResult", "empirical_bayes"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ShrinkageResult:
    """Effects of n units shrunken towards a common mean or regression.

    Attributes
    ----------
    tau2: between-unit variance around ``mean``.
    tau2_low, tau2_high: its limits by the Q-profile; of counts by their restricted likelihood.
    mean: (n,) prior mean of each unit, X b; the constant alone for effects net of conditions.
    shrunk: (n,) posterior mean; with independent errors it is
        reliability * effect + (1 - reliability) * mean.
    shrunk_se: (n,) its error, the uncertainty of b included; of counts that of tau2 too.
    covariance: (n, n) joint posterior covariance at ``tau2``.
    reliability: (n,) tau2 / (tau2 + v), v the error variance of the unit: se^2 or, of a count, the
        variance of its normal equivalent; 0 for a unit that says nothing.
    low, high: (n,) normal limits around ``shrunk``; of counts those of the mixture over tau2.
    second_stage: the regression behind ``mean``.
    """

    tau2: float
    mean: Floats
    shrunk: Floats
    shrunk_se: Floats
    covariance: Floats
    reliability: Floats
    low: Floats
    high: Floats
    second_stage: SecondStage
    tau2_low: float
    tau2_high: float


def empirical_bayes(
    effect: ArrayLike,
    se: ArrayLike,
    level: float = 0.95,
    covariates: ArrayLike | None = None,
    method: str = "REML",
    *,
    covariance: ArrayLike | None = None,
    tau2: float | None = None,
    expected: ArrayLike | None = None,
    counts: ShownCounts | None = None,
    net: bool = False,
) -> ShrinkageResult:
    """Return effects (n,) shrunken towards their mean or their regression on ``covariates``.

    Without ``expected`` a unit without an estimate (effect or standard error not finite, or a
    standard error of 0) takes no part in the fit, gets its prior mean and reliability 0.
    With ``expected`` (n,), the counts that effects of 0 would give, effects are logs of ratios of
    Poisson counts, and a unit whose effect is not finite had no event: it takes part as such.
    ``counts`` are those counts where they are shown with noise.
    With ``net`` the posterior is that of the effects less what ``covariates`` explain of them: the
    unit's own deviation plus the constant, which is then the mean.

    ``covariance`` (n, n) is the joint one of the errors, else they are independent. ``method``
    names the estimator of tau2, see :mod:`pipeline.model.inference.second_stage`; ``tau2`` given is
    used instead. Raises :class:`ValueError` where fewer units have an estimate than the regression
    needs, and for an expected count not above 0.
    """
    if expected is not None:
        fit = partial(
            regress_counts,
            *(effect, se, expected, covariates, method, level),
            covariance=covariance,
            counts=counts,
        )
        return _of_counts(fit, tau2, covariates, level, net=net)
    y, own, known = effects_known(effect, se)
    columns = design_matrix(len(y), covariates)
    joint = regular_errors(own, known, covariance)
    stage = fit_second_stage(
        y[known],
        None,
        None if columns.shape[1] == 1 else columns[known, 1:],
        method,
        level,
        covariance=joint[np.ix_(known, known)],
        knapp_hartung=False,
        tau2=tau2,
    )
    limits = tau2_interval(
        y[known],
        covariates=columns[known, 1:] if columns.shape[1] > 1 else None,
        covariance=joint[np.ix_(known, known)],
        level=level,
    )
    return _posterior(y, own, joint, known, columns, stage, level, limits=limits, net=net)


def _of_counts(
    fit: Callable[..., CountRegression],
    tau2: float | None,
    covariates: ArrayLike | None,
    level: float,
    *,
    net: bool,
) -> ShrinkageResult:
    """Return the posterior of counts, its limits and errors mixed over the spread.

    ``fit`` gives the regression at a tau2, or at the most likely one. Limits and errors carry how
    little is known of it. A spread at which the counts' mean does not settle, as a wide one may in
    a tiny country, has no posterior and is left out. What is shrunk to, reliability and the joint
    covariance stay those at the spread estimated.
    """
    spreads = spreads_of_counts(fit, level, tau2)
    fitted, size = spreads.fitted, len(spreads.grid)
    n = len(fitted.estimate)
    known, columns = np.ones(n, dtype=bool), design_matrix(n, covariates)
    plain = _posterior(
        *(fitted.estimate, fitted.variance, fitted.errors, known, columns, fitted.stage, level),
        limits=(spreads.low, spreads.high),
        net=net,
    )
    mean, variance = np.tile(plain.shrunk, (size, 1)), np.tile(plain.shrunk_se**2, (size, 1))
    for place, at in enumerate(spreads.at):
        if at is not None:
            _, mean[place], covariance = _joint(
                at.estimate, at.errors, known, columns, at.stage, net=net
            )
            variance[place] = np.diag(covariance)
    if not np.isfinite(spreads.evidence).any():
        return plain
    density = spreads.evidence + log_prior(spreads.grid)
    weight = grid_weights(spreads.grid, spreads.middle, density)
    low, high = mixture_limits(weight, mean, variance, level)
    _, of_mixture = mixture_moments(weight, mean, variance)
    return replace(plain, shrunk_se=np.sqrt(of_mixture), low=low, high=high)


def _posterior(
    effect: Floats,
    own: Floats,
    errors: Floats,
    known: NDArray[np.bool_],
    columns: Floats,
    stage: SecondStage,
    level: float,
    *,
    limits: tuple[float, float],
    net: bool,
) -> ShrinkageResult:
    """Return the joint posterior of the units, given the regression and tau2 of ``stage``.

    ``limits`` are those of tau2.
    """
    mean, shrunk, covariance = _joint(effect, errors, known, columns, stage, net=net)
    shrunk_se = np.sqrt(np.diag(covariance))
    reach = normal_quantile(level) * shrunk_se
    variance = np.where(known, own, np.inf)
    return ShrinkageResult(
        tau2=stage.tau2,
        mean=mean,
        shrunk=shrunk,
        shrunk_se=shrunk_se,
        covariance=covariance,
        reliability=stage.tau2 / (stage.tau2 + variance),
        low=shrunk - reach,
        high=shrunk + reach,
        second_stage=stage,
        tau2_low=limits[0],
        tau2_high=limits[1],
    )


def _joint(
    effect: Floats,
    errors: Floats,
    known: NDArray[np.bool_],
    columns: Floats,
    stage: SecondStage,
    *,
    net: bool,
) -> tuple[Floats, Floats, Floats]:
    """Return prior means (n,), posterior means (n,) and their joint covariance (n, n)."""
    n = len(effect)
    fitted = columns @ stage.coefficients
    wanted = columns.copy()
    if net:
        wanted[:, 1:] = 0.0
    mean = wanted @ stage.coefficients
    weight = np.zeros((n, n))  # of the deviations from the regression; tau2 (V + tau2 I)^-1
    inside = np.ix_(known, known)
    weight[inside] = stage.tau2 * np.linalg.inv(errors[inside] + stage.tau2 * np.eye(known.sum()))
    shrunk = mean + weight @ np.where(known, effect - fitted, 0.0)
    by_mean = wanted - weight @ columns
    covariance = stage.tau2 * (np.eye(n) - weight) + by_mean @ stage.covariance @ by_mean.T
    return mean, shrunk, (covariance + covariance.T) / 2
