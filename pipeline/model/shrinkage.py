"""Empirical-Bayes estimates of unit effects and of O/E ratios, with their intervals.

Two models: normal effects shrunken towards a regression on framework conditions, here, and counts
with gamma-distributed ratios (:mod:`pipeline.model.gamma_poisson`). Intervals of empirical-Bayes
estimates hold on average over units, not for each unit: a truly extreme unit is covered less
often.

Efron, B. & Morris, C. (1975). Data analysis using Stein's estimator and its generalizations.
JASA 70, 311-319.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.model.gamma_poisson import GammaPoisson, gamma_poisson
from pipeline.model.intervals import normal_quantile
from pipeline.model.second_stage import SecondStage, fit_second_stage

__all__ = ["GammaPoisson", "ShrinkageResult", "empirical_bayes", "gamma_poisson"]

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
