"""How much of the spread between units is signal: reliability of a unit's figure, 0-1.

Reliability is the share of a unit's variance that lies between units. It depends on the unit's
size: below one half a single figure says more about chance than about the unit.

Adams, J. L. (2009). The reliability of provider profiling: a tutorial. RAND TR-653.
Nieser, K. J. & Harris, A. H. S. (2024). Comparing methods for assessing the reliability of health
care quality measures. Statistics in Medicine 43.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from pipeline.model.numerics.intervals import counts

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Reliability:
    """Reliability of n units' proportions by one method.

    Attributes
    ----------
    method: beta_binomial, one_way_anova or latent_logistic.
    reliability: (n,) 0-1; nan for a unit without people.
    parameters: the fitted numbers behind it, by name.
    """

    method: str
    reliability: Floats
    parameters: dict[str, float]


def normal_reliability(tau2: float, se: ArrayLike) -> Floats:
    """Return tau2 / (tau2 + se^2) of units (n,); 0 where the standard error is missing."""
    variance = np.asarray(se, dtype=np.float64) ** 2
    return np.where(np.isfinite(variance), tau2 / (tau2 + np.nan_to_num(variance) + 1e-300), 0.0)


def _checked(observed: ArrayLike, denominator: ArrayLike) -> tuple[Floats, Floats]:
    """Return events and people (n,); raises :class:`ValueError` where events exceed people."""
    x, n = counts(observed), counts(denominator)
    if x.shape != n.shape or x.ndim != 1 or np.any(x > n) or np.count_nonzero(n) < 2:
        raise ValueError("give events and people of two units or more, events at most people")
    if not 0 < x.sum() < n.sum():
        raise ValueError("every person, or none, has the event: nothing varies")
    return x, n


def beta_binomial(observed: ArrayLike, denominator: ArrayLike) -> Reliability:
    """Return n / (n + a + b) for proportions with a beta(a, b) distribution, by maximum likelihood.

    Parameters ``alpha`` and ``beta``. Both grow without bound when units do not differ; they
    stop at a sum of about 5e8 and reliability is then 0 in effect.
    """
    x, n = _checked(observed, denominator)

    def loss(point: Floats) -> float:
        mean, total = special.expit(point[0]), np.exp(point[1])
        a, b = mean * total, (1 - mean) * total
        return -float(np.sum(special.betaln(a + x, b + n - x) - special.betaln(a, b)))

    start = float(special.logit(x.sum() / n.sum()))
    fits = [
        optimize.minimize(
            loss,
            np.array([start, log_total]),
            method="Nelder-Mead",
            bounds=[(start - 5, start + 5), (-10, 20)],
            options={"xatol": 1e-9, "fatol": 1e-10, "maxiter": 2000},
        )
        for log_total in (2.0, 5.0)
    ]
    best = min(fits, key=lambda fit: fit.fun).x
    mean, total = float(special.expit(best[0])), float(np.exp(best[1]))
    reliability = np.where(n > 0, n / (n + total), np.nan)
    return Reliability(
        "beta_binomial", reliability, {"alpha": mean * total, "beta": (1 - mean) * total}
    )


def one_way_anova(observed: ArrayLike, denominator: ArrayLike) -> Reliability:
    """Return r n / (1 + (n - 1) r) with r the intraclass correlation of a one-way table.

    Parameters: the mean squares ``between`` and ``within``, the effective size ``n0`` and ``icc``
    (not below 0).
    """
    x, n = _checked(observed, denominator)
    sized = n > 0
    x1, n1 = x[sized], n[sized]
    units, people = len(n1), float(n1.sum())
    mean = x1.sum() / people
    between = float(n1 @ (x1 / n1 - mean) ** 2) / (units - 1)
    within = float(np.sum(x1 * (1 - x1 / n1)) / (people - units))
    n0 = float(people - (n1 @ n1) / people) / (units - 1)
    variance = max(0.0, (between - within) / n0)
    icc = float(variance / (variance + within)) if variance > 0 else 0.0
    reliability = np.where(sized, icc * n / (1 + (n - 1) * icc), np.nan)
    parameters = {"between": between, "within": within, "n0": n0, "icc": icc}
    return Reliability("one_way_anova", reliability, parameters)


def latent_logistic(
    observed: ArrayLike, denominator: ArrayLike, quadrature_points: int = 1
) -> Reliability:
    """Return v / (v + (pi^2 / 3) / n) with v the variance of a random-intercept logit.

    The likelihood is integrated by adaptive Gauss-Hermite quadrature around each unit's mode; one
    point is Laplace's approximation. Parameters ``intercept`` and ``variance``.
    """
    x, n = _checked(observed, denominator)
    node, weight = np.polynomial.hermite_e.hermegauss(quadrature_points)
    log_weight = np.log(weight) + node**2 / 2

    def loss(point: Floats) -> float:
        intercept, sd = point[0], np.exp(point[1])
        u = np.zeros(len(x))
        for _ in range(50):  # Newton on each unit's standard-normal effect
            p = special.expit(intercept + sd * u)
            step = (sd * (x - n * p) - u) / (1 + sd**2 * n * p * (1 - p))
            u = u + step
            if np.max(np.abs(step)) < 1e-12:
                break
        p = special.expit(intercept + sd * u)
        spread = 1 / np.sqrt(1 + sd**2 * n * p * (1 - p))
        at = u[:, None] + spread[:, None] * node
        eta = intercept + sd * at
        value = x[:, None] * eta - n[:, None] * np.logaddexp(0, eta) - at**2 / 2
        unit = special.logsumexp(value + log_weight, axis=1) + np.log(spread)
        return -float(np.sum(unit - np.log(2 * np.pi) / 2))

    start = float(special.logit(x.sum() / n.sum()))
    fits = [
        optimize.minimize(
            loss,
            np.array([start, log_sd]),
            method="Nelder-Mead",
            bounds=[(start - 5, start + 5), (-12, 3)],
            options={"xatol": 1e-9, "fatol": 1e-10, "maxiter": 2000},
        )
        for log_sd in (-1.0, -3.0)
    ]
    best = min(fits, key=lambda fit: fit.fun).x
    variance = float(np.exp(2 * best[1]))
    noise = np.pi**2 / 3 / np.where(n > 0, n, np.nan)
    return Reliability(
        "latent_logistic",
        variance / (variance + noise),
        {"intercept": float(best[0]), "variance": variance},
    )
