"""Between-unit variance and the regression of unit effects on framework conditions.

The model is ``effect = X b + u + e`` with Var(u) = tau2 I and Var(e) = V known: the squared
standard errors, or the full covariance of the first stage. Without covariates X is a column of
ones. In meta-analysis this is the mixed-effects model, whose estimators of tau2 are all here.

Hanushek, E. A. (1974). Efficient estimators for regressing regression coefficients. American
Statistician 28, 66-67. Viechtbauer, W. (2005). Bias and efficiency of meta-analytic variance
estimators in the random-effects model. J. Educational and Behavioral Statistics 30, 261-293.
Knapp, G. & Hartung, J. (2003). Improved tests for a random effects meta-regression with a single
covariate. Statistics in Medicine 22, 2693-2710.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

Floats = NDArray[np.float64]

#: REML restricted and ML full maximum likelihood, DL DerSimonian-Laird, PM Paule-Mandel, EB
#: Morris's empirical Bayes (the same root as PM), HE Hedges, HS Hunter-Schmidt, SJ Sidik-Jonkman.
TAU2_METHODS = ("REML", "ML", "DL", "PM", "EB", "HE", "HS", "SJ")


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


def design_matrix(n_units: int, covariates: ArrayLike | None) -> Floats:
    """Return (n, p) columns: a constant, then ``covariates`` (n,) or (n, p - 1).

    Raises :class:`ValueError` for missing covariates, a wrong length or dependent columns.
    """
    columns = np.ones((n_units, 1))
    if covariates is not None:
        extra = np.asarray(covariates, dtype=np.float64).reshape(n_units, -1)
        if not np.all(np.isfinite(extra)):
            raise ValueError("covariates have missing values; complete or drop the units")
        columns = np.hstack([columns, extra])
    scaled = columns / np.maximum(np.linalg.norm(columns, axis=0), 1e-300)
    if np.linalg.matrix_rank(scaled) < columns.shape[1]:
        raise ValueError("the covariates are linearly dependent, the constant included")
    return columns


def error_covariance(n_units: int, se: ArrayLike | None, covariance: ArrayLike | None) -> Floats:
    """Return (n, n) V from standard errors (n,) or from the full covariance (n, n).

    Raises :class:`ValueError` unless exactly one is given and every variance is positive.
    """
    if (se is None) == (covariance is None):
        raise ValueError("give either se or covariance")
    if se is not None:
        s = np.asarray(se, dtype=np.float64)
        v = np.diag(s**2) if s.shape == (n_units,) else s
    else:
        v = np.asarray(covariance, dtype=np.float64)
    if v.shape != (n_units, n_units):
        raise ValueError(f"{n_units} effects, but the errors have shape {v.shape}")
    if not (np.all(np.isfinite(v)) and np.all(np.diag(v) > 0)):
        raise ValueError("every variance must be positive and known")
    return v


def _inverse(matrix: Floats) -> Floats:
    """Return the inverse of a positive definite matrix."""
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def _projection(x: Floats, weight: Floats) -> Floats:
    """Return W - W X (X'WX)^-1 X'W."""
    wx = weight @ x
    return weight - wx @ np.linalg.solve(x.T @ wx, wx.T)


def estimate_tau2(
    effect: ArrayLike,
    se: ArrayLike | None = None,
    covariates: ArrayLike | None = None,
    method: str = "REML",
    *,
    covariance: ArrayLike | None = None,
) -> float:
    """Return the between-unit variance tau2 >= 0 of n effects by one of ``TAU2_METHODS``.

    ``effect`` (n,) all present, ``se`` (n,) or ``covariance`` (n, n), ``covariates`` None, (n,)
    or (n, p - 1). Needs more units than columns. Raises :class:`ValueError`.
    """
    y = np.asarray(effect, dtype=np.float64)
    if y.ndim != 1 or not np.all(np.isfinite(y)):
        raise ValueError("effects must be a vector without missing values")
    n = len(y)
    x = design_matrix(n, covariates)
    v = error_covariance(n, se, covariance)
    df = n - x.shape[1]
    if df < 1:
        raise ValueError(f"{n} units cannot carry {x.shape[1]} columns")
    if method in ("PM", "EB"):
        return _paule_mandel(y, x, v, df)
    if method in ("ML", "REML"):
        return _likelihood_tau2(y, x, v, restricted=method == "REML")
    if method == "HE":
        p = _projection(x, np.eye(n))
        return max(0.0, float(y @ p @ y - np.sum(p * v)) / df)
    if method == "SJ":
        first = float(np.var(y))
        if first == 0.0:
            return 0.0
        p = _projection(x, _inverse(v + first * np.eye(n)))
        return first * float(y @ p @ y) / df
    if method not in TAU2_METHODS:
        raise ValueError(f"tau2 method {method!r} is not one of {', '.join(TAU2_METHODS)}")
    weight = _inverse(v)
    p = _projection(x, weight)
    q = float(y @ p @ y)
    if method == "HS":
        return max(0.0, (q - n) / float(np.trace(weight)))
    return max(0.0, (q - df) / float(np.trace(p)))


def _paule_mandel(y: Floats, x: Floats, v: Floats, df: int) -> float:
    """Return the root of the generalised Q statistic: Q(tau2) = df."""

    def excess(tau2: float) -> float:
        p = _projection(x, _inverse(v + tau2 * np.eye(len(y))))
        return float(y @ p @ y) - df

    if excess(0.0) <= 0:
        return 0.0
    top = max(float(np.var(y)), float(np.diag(v).min()))
    while excess(top) > 0:
        top *= 2
    return float(optimize.brentq(excess, 0.0, top, xtol=1e-14 * top, rtol=1e-13))


def _likelihood_tau2(y: Floats, x: Floats, v: Floats, *, restricted: bool) -> float:
    """Return the (restricted) maximum-likelihood tau2 by bracketed search on its score."""
    n = len(y)

    def score(tau2: float) -> float:
        weight = _inverse(v + tau2 * np.eye(n))
        p = _projection(x, weight)
        py = p @ y
        return float(py @ py - np.trace(p if restricted else weight))

    def deviance(tau2: float) -> float:
        weight = _inverse(v + tau2 * np.eye(n))
        value = -np.linalg.slogdet(weight)[1] + y @ _projection(x, weight) @ y
        if restricted:
            value += np.linalg.slogdet(x.T @ weight @ x)[1]
        return float(value)

    top = 4 * float(np.var(y)) + float(np.diag(v).max()) + 1e-300
    # The likelihood may have several humps: every interior one is a candidate, and zero.
    grid = np.concatenate([[0.0], top * np.logspace(-8, 0, 41)])
    scores = np.array([score(tau2) for tau2 in grid])
    candidates = [0.0]
    for left, right, up, down in zip(grid[:-1], grid[1:], scores[:-1], scores[1:], strict=True):
        if up > 0 >= down:
            candidates.append(float(optimize.brentq(score, left, right, rtol=1e-13, xtol=1e-300)))
    return min(candidates, key=deviance)


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
    v = error_covariance(n, se, covariance)
    df = n - x.shape[1]
    weight = _inverse(v + tau2 * np.eye(n))
    p = _projection(x, weight)
    b_covariance = _inverse(x.T @ weight @ x)
    b = b_covariance @ (x.T @ (weight @ y))
    if knapp_hartung:
        b_covariance = b_covariance * float(y @ p @ y) / df
    b_se = np.sqrt(np.diag(b_covariance))
    t_df = float(df) if knapp_hartung else np.inf
    reach = stats.t.ppf((1 + level) / 2, t_df)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = b / b_se
    fixed = _projection(x, _inverse(v))
    typical = df / float(np.trace(fixed))
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
        q_residual=float(y @ fixed @ y),
        q_df=df,
        i2=float(tau2) / (float(tau2) + typical),
    )
