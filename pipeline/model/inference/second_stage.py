"""Between-unit variance and the regression of unit effects on framework conditions.

The model is ``effect = X b + u + e`` with Var(u) = tau2 I and Var(e) = V known: the squared
standard errors, or the full covariance of the first stage. Without covariates X is a column of
ones. In meta-analysis this is the mixed-effects model; the estimators of tau2 are in
:mod:`pipeline.model.inference.between_variance`.

Hanushek, E. A. (1974). Efficient estimators for regressing regression coefficients. American
Statistician 28, 66-67. Knapp, G. & Hartung, J. (2003). Improved tests for a random effects
meta-regression with a single covariate. Statistics in Medicine 22, 2693-2710.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from pipeline.model.inference.between_variance import (
    TAU2_METHODS,
    Rotated,
    design_matrix,
    error_covariance,
    estimate_tau2,
)

__all__ = ["TAU2_METHODS", "SecondStage", "estimate_tau2", "fit_second_stage"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SecondStage:
    """The regression of n unit effects on p columns (the first is the constant).

    Attributes
    ----------
    coefficients, se, statistic, p_value, low, high: arrays of length p.
    covariance: (p, p) covariance of the coefficients.
    df: degrees of freedom of the t distribution used, infinity for the normal one.
    fitted, fitted_se: arrays of length n, X b and its standard error.
    tau2, tau2_method: the between-unit variance left by the columns.
    q_residual, q_df: Cochran's heterogeneity statistic of the residuals and its df.
    i2: share of the residual variance that lies between units, 0-1.
    """

    coefficients: Floats
    covariance: Floats
    se: Floats
    statistic: Floats
    p_value: Floats
    low: Floats
    high: Floats
    df: float
    fitted: Floats
    fitted_se: Floats
    tau2: float
    tau2_method: str
    q_residual: float
    q_df: int
    i2: float


def fit_second_stage(
    effect: ArrayLike,
    se: ArrayLike | None = None,
    covariates: ArrayLike | None = None,
    method: str = "REML",
    level: float = 0.95,
    *,
    covariance: ArrayLike | None = None,
    knapp_hartung: bool = True,
    tau2: float | None = None,
) -> SecondStage:
    """Return the regression of unit effects on conditions with weights (V + tau2 I)^-1.

    With ``knapp_hartung`` the covariance is scaled by the weighted residual variance and the
    intervals use t with n - p degrees of freedom, else the normal distribution. ``tau2`` given
    is used as it is. Shapes, missing rule and errors as :func:`estimate_tau2`.
    """
    y = np.asarray(effect, dtype=np.float64)
    if tau2 is None:
        tau2 = estimate_tau2(y, se, covariates, method, covariance=covariance)
        name = method
    else:
        name = "given"
    n = len(y)
    x = design_matrix(n, covariates)
    turned = Rotated.of(y, x, error_covariance(n, se, covariance))
    df = n - x.shape[1]
    weight = 1 / (turned.v + tau2)
    py, b_covariance, _ = turned.weighted(weight)
    b = b_covariance @ (turned.x.T @ (weight * turned.y))
    if knapp_hartung:
        b_covariance = b_covariance * float(turned.y @ py) / df
    b_se = np.sqrt(np.diag(b_covariance))
    t_df = float(df) if knapp_hartung else np.inf
    reach = stats.t.ppf((1 + level) / 2, t_df)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = b / b_se
    fixed, _, trace = turned.weighted(1 / turned.v)
    typical = df / trace
    return SecondStage(
        coefficients=b,
        covariance=b_covariance,
        se=b_se,
        statistic=statistic,
        p_value=2 * stats.t.sf(np.abs(statistic), t_df),
        low=b - reach * b_se,
        high=b + reach * b_se,
        df=t_df,
        fitted=x @ b,
        fitted_se=np.sqrt(np.einsum("ij,jk,ik->i", x, b_covariance, x)),
        tau2=float(tau2),
        tau2_method=name,
        q_residual=float(turned.y @ fixed),
        q_df=df,
        i2=float(tau2) / (float(tau2) + typical),
    )
