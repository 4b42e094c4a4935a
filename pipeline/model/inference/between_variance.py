"""The variance between units beyond their errors, tau2, by eight estimators.

The model is ``effect = X b + u + e`` with Var(u) = tau2 I and Var(e) = V known.

DerSimonian, R. & Laird, N. (1986), Controlled Clinical Trials 7; Paule, R. C. & Mandel, J. (1982),
J. Research National Bureau of Standards 87; Hedges, L. V. & Olkin, I. (1985); Morris, C. N.
(1983), JASA 78; Sidik, K. & Jonkman, J. N. (2005), Applied Statistics 54; compared in Viechtbauer,
W. (2005), J. Educational and Behavioral Statistics 30, 261-293.
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
#: Share of a unit's error variance added where errors are joint.
_RIDGE = 0.01


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


def effects_known(effect: ArrayLike, se: ArrayLike) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return effects (n,), error variances and which are known; the variance of others is 1.

    Known are a finite effect and a finite standard error above 0. Raises :class:`ValueError` for
    vectors of unequal length.
    """
    y, s = np.asarray(effect, dtype=np.float64), np.asarray(se, dtype=np.float64)
    if y.shape != s.shape or y.ndim != 1:
        raise ValueError(f"effects {y.shape} and standard errors {s.shape} must be equal vectors")
    known = np.isfinite(y) & np.isfinite(s) & (s > 0)
    return y, np.where(known, s, 1.0) ** 2, known


def regular_errors(own: Floats, known: NDArray[np.bool_], covariance: ArrayLike | None) -> Floats:
    """Return the (n, n) covariance of effects' errors, made regular; ``own`` (n,) without one.

    Errors of effects against a common level all but cancel in their weighted sum, and a regression
    taken out leaves more such sums: nothing would be allowed to deviate in them. The level's own
    error and a hundredth of each unit's make the matrix regular. Units that are not ``known`` (n,)
    share no error.
    """
    joint = np.diag(own)
    if covariance is None:
        return joint
    shared = np.asarray(covariance, dtype=np.float64) + 1 / np.sum(1 / own[known])
    return np.where(np.outer(known, known), shared + _RIDGE * np.diag(own), joint)


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


@dataclass(frozen=True)
class Rotated:
    """Effects and columns turned so that their errors are independent with variances ``v``.

    V + tau2 I has the same eigenvectors for every tau2, so one decomposition serves them all.
    """

    y: Floats
    x: Floats
    v: Floats

    @classmethod
    def of(cls, y: Floats, x: Floats, covariance: Floats) -> Rotated:
        """Return the rotation; raises :class:`ValueError` unless positive definite."""
        v = np.diag(covariance)
        if np.array_equal(covariance, np.diag(v)):
            return cls(y, x, v)
        values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
        if values[0] <= 0:
            raise ValueError("the covariance of the errors is not positive definite")
        return cls(vectors.T @ y, vectors.T @ x, np.asarray(values, dtype=np.float64))

    def weighted(self, weight: Floats) -> tuple[Floats, Floats, float]:
        """Return ``(P y, (X'WX)^-1, trace of P)`` with P = W - W X (X'WX)^-1 X'W."""
        wx = self.x * weight[:, None]
        bread = np.asarray(np.linalg.inv(self.x.T @ wx), dtype=np.float64)
        py = weight * (self.y - self.x @ (bread @ (wx.T @ self.y)))
        return py, bread, float(weight.sum() - np.sum(bread * (wx.T @ wx)))


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
    df = n - x.shape[1]
    if df < 1:
        raise ValueError(f"{n} units cannot carry {x.shape[1]} columns")
    turned = Rotated.of(y, x, error_covariance(n, se, covariance))
    if method in ("PM", "EB"):
        return _generalised_q_root(turned, df)
    if method in ("ML", "REML"):
        return _likelihood_tau2(turned, restricted=method == "REML")
    if method == "SJ":
        first = float(np.var(y))
        if first == 0.0:
            return 0.0
        return first * float(turned.y @ turned.weighted(1 / (turned.v + first))[0]) / df
    if method == "HE":
        py, bread, _ = turned.weighted(np.ones(n))
        noise = turned.v.sum() - np.sum(bread * (turned.x.T @ (turned.x * turned.v[:, None])))
        return max(0.0, float(turned.y @ py - noise) / df)
    if method not in TAU2_METHODS:
        raise ValueError(f"tau2 method {method!r} is not one of {', '.join(TAU2_METHODS)}")
    py, _, trace = turned.weighted(1 / turned.v)
    q = float(turned.y @ py)
    if method == "HS":
        return max(0.0, (q - n) / float(np.sum(1 / turned.v)))
    return max(0.0, (q - df) / trace)


def tau2_surplus(turned: Rotated, tau2: float, *, restricted: bool = True) -> float:
    """Return the derivative of the (restricted) log likelihood in tau2, twice; 0 at its maximum."""
    weight = 1 / (turned.v + tau2)
    py, _, trace = turned.weighted(weight)
    return float(py @ py) - (trace if restricted else float(weight.sum()))


def tau2_interval(
    effect: ArrayLike,
    se: ArrayLike | None = None,
    covariates: ArrayLike | None = None,
    *,
    covariance: ArrayLike | None = None,
    level: float = 0.95,
) -> tuple[float, float]:
    """Return the limits of tau2 at ``level``: the Q-profile interval, exact for a normal model.

    The generalised Q statistic at the true tau2 has a chi-squared distribution; the limits are
    where it reaches that distribution's quantiles, 0 where it lies below at no variance at all.
    Shapes and errors as :func:`estimate_tau2`. Viechtbauer, W. (2007). Confidence intervals for
    the amount of heterogeneity in meta-analysis. Statistics in Medicine 26, 37-52.
    """
    y = np.asarray(effect, dtype=np.float64)
    x = design_matrix(len(y), covariates)
    df = len(y) - x.shape[1]
    if df < 1:
        raise ValueError(f"{len(y)} units cannot carry {x.shape[1]} columns")
    turned = Rotated.of(y, x, error_covariance(len(y), se, covariance))
    tail = (1 - level) / 2
    return (
        _generalised_q_root(turned, float(stats.chi2.ppf(1 - tail, df))),
        _generalised_q_root(turned, float(stats.chi2.ppf(tail, df))),
    )


def _generalised_q_root(turned: Rotated, target: float) -> float:
    """Return the tau2 >= 0 at which the generalised Q statistic is ``target``; 0 if none is."""

    def excess(tau2: float) -> float:
        return float(turned.y @ turned.weighted(1 / (turned.v + tau2))[0]) - target

    if excess(0.0) <= 0:
        return 0.0
    top = max(float(np.var(turned.y)), float(turned.v.min()))
    while excess(top) > 0:
        top *= 2
    return float(optimize.brentq(excess, 0.0, top, xtol=1e-14 * top, rtol=1e-13))


def _likelihood_tau2(turned: Rotated, *, restricted: bool) -> float:
    """Return the (restricted) maximum-likelihood tau2 by bracketed search on its score."""

    def score(tau2: float) -> float:
        return tau2_surplus(turned, tau2, restricted=restricted)

    def deviance(tau2: float) -> float:
        weight = 1 / (turned.v + tau2)
        py, bread, _ = turned.weighted(weight)
        value = float(turned.y @ py - np.log(weight).sum())
        return value - float(np.linalg.slogdet(bread)[1]) if restricted else value

    top = 4 * float(np.var(turned.y)) + float(turned.v.max()) + 1e-300
    # The likelihood may have several humps: every interior one is a candidate, and zero.
    grid = np.concatenate([[0.0], top * np.logspace(-8, 0, 41)])
    scores = np.array([score(tau2) for tau2 in grid])
    candidates = [0.0]
    for left, right, up, down in zip(grid[:-1], grid[1:], scores[:-1], scores[1:], strict=True):
        if up > 0 >= down:
            candidates.append(float(optimize.brentq(score, left, right, rtol=1e-13, xtol=1e-300)))
    return min(candidates, key=deviance)
