"""Empirical-Bayes intervals that keep their average coverage whatever the effects' distribution.

The usual interval supposes normal effects. Here only their second and fourth moments enter: the
critical value is the smallest that keeps the worst average coverage over all distributions with
those moments.

Armstrong, T. B., Kolesar, M. & Plagborg-Moller, M. (2022). Robust empirical Bayes confidence
intervals. Econometrica 90, 2567-2602.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from pipeline.model.intervals import normal_quantile
from pipeline.model.second_stage import design_matrix

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RobustShrinkage:
    """Robust empirical-Bayes estimates of n units.

    Attributes
    ----------
    coefficients: the weighted regression of effects on the columns (constant first).
    mu2, kappa: second moment and kurtosis of the effects around the regression, corrected.
    mu2_uncorrected, kappa_uncorrected: the same before the finite-sample correction, at least
        0 and 1.
    reliability: (n,) weight of the unit's own estimate, mu2 / (mu2 + se^2).
    mean, shrunk: (n,) regression and estimate.
    critical: (n,) robust critical values; low, high: (n,) robust limits.
    low_normal, high_normal: (n,) the usual limits, for normal effects.
    worst_miss_normal: (n,) largest average miss of the usual limits with these moments.
    """

    coefficients: Floats
    mu2: float
    kappa: float
    mu2_uncorrected: float
    kappa_uncorrected: float
    reliability: Floats
    mean: Floats
    shrunk: Floats
    critical: Floats
    low: Floats
    high: Floats
    low_normal: Floats
    high_normal: Floats
    worst_miss_normal: Floats


def _miss(t: ArrayLike, chi: float) -> Floats:
    """Return P(|Z + sqrt(t)| > chi) for a standard normal Z."""
    root = np.sqrt(t)
    return special.ndtr(root - chi) + special.ndtr(-root - chi)


def _tangent_point(chi: float) -> float:
    """Return where the chord from zero touches the miss as a function of t, 0 if it is concave."""

    def gap(root: float) -> float:
        slope = np.exp(-((root - chi) ** 2) / 2) - np.exp(-((root + chi) ** 2) / 2)
        slope /= np.sqrt(2 * np.pi) * 2 * root
        return float(_miss(root**2, chi) - root**2 * slope - _miss(0.0, chi))

    # The gap is negative up to its only root, which passes chi as chi grows and goes to 0 at
    # the square root of 3, where no chord is needed any more.
    low = 1e-2 if chi < 4 else chi - 1.5
    if chi < np.sqrt(3) or gap(low) >= 0:
        return 0.0
    return float(optimize.brentq(gap, low, chi + 40.0, xtol=1e-13)) ** 2


def worst_miss(m2: float, kappa: float, chi: float) -> float:
    """Return the largest E P(|Z + b| > chi) over b with E b^2 = m2 and E b^4 <= kappa m2^2."""
    if m2 == 0 or kappa == 1:
        return float(_miss(m2, chi))
    touch = _tangent_point(chi)
    if m2 >= touch:
        return float(_miss(m2, chi))
    if kappa * m2 >= touch:  # two points, zero and the tangent point, respect the kurtosis
        none = float(_miss(0.0, chi))
        return none + m2 / touch * (float(_miss(touch, chi)) - none)

    def two_points(first: ArrayLike) -> Floats:
        first = np.asarray(first, dtype=np.float64)
        distance = (kappa - 1) * m2**2 / (m2 - first)
        share = (m2 - first) / (m2 - first + distance)
        return (1 - share) * _miss(first, chi) + share * _miss(m2 + distance, chi)

    grid = m2 * (1 - np.logspace(0, -6, 61))
    values = two_points(grid)
    i = int(values.argmax())
    edges = (float(grid[max(i - 1, 0)]), float(grid[min(i + 1, len(grid) - 1)]))
    found = optimize.minimize_scalar(
        lambda first: -float(two_points(first)),
        bounds=edges,
        method="bounded",
        options={"xatol": 1e-12 * m2},
    )
    return float(max(-found.fun, values[i], float(_miss(m2, chi))))


def robust_critical_value(m2: float, kappa: float, level: float = 0.95) -> float:
    """Return the critical value for a squared relative bias of mean ``m2`` and kurtosis ``kappa``.

    ``kappa`` may be infinite: only the second moment is used. Raises :class:`ValueError` for
    m2 < 0 or kappa < 1.
    """
    if not m2 >= 0 or not kappa >= 1:
        raise ValueError(f"m2 must be at least 0 and kappa at least 1, found {m2} and {kappa}")
    alpha = 1 - level
    low = normal_quantile(level)
    if m2 == 0:
        return low
    high = np.sqrt((1 + m2) / alpha)  # Chebyshev's inequality
    root = optimize.brentq(lambda chi: worst_miss(m2, kappa, chi) - alpha, low, high, xtol=1e-12)
    return float(root)


def robust_empirical_bayes(
    effect: ArrayLike,
    se: ArrayLike,
    level: float = 0.95,
    covariates: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> RobustShrinkage:
    """Return shrunken effects (n,) with limits valid on average without a normal prior.

    ``weights`` (n,) weigh the regression and the moments, default 1. Moments are corrected
    towards the posterior-mean-truncation bounds of the paper. No value may be missing. Raises
    :class:`ValueError`.
    """
    y, s = np.asarray(effect, dtype=np.float64), np.asarray(se, dtype=np.float64)
    if y.shape != s.shape or y.ndim != 1 or not np.all(np.isfinite(y)) or not np.all(s > 0):
        raise ValueError("effects and positive standard errors must be equal, complete vectors")
    w = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)
    w = w / w.sum()
    x = design_matrix(len(y), covariates)
    coefficients = np.linalg.lstsq(x * np.sqrt(w)[:, None], y * np.sqrt(w), rcond=None)[0]
    mean = x @ coefficients
    residual, v = y - mean, s**2

    plain2 = float(w @ (residual**2 - v))
    mu2 = max(plain2, float(2 * (w**2 @ v**2) / (w @ v)))
    plain4 = float(w @ (residual**4 - 6 * v * residual**2 + 3 * v**2))
    kappa = max(plain4 / mu2**2, 1 + float(32 * (w**2 @ v**4) / (mu2**2 * (w @ v**2))))

    reliability = mu2 / (mu2 + v)
    shrunk = mean + reliability * residual
    m2 = v / mu2
    critical = np.array([robust_critical_value(value, kappa, level) for value in m2])
    z = normal_quantile(level)
    worst = [
        worst_miss(value, kappa, z / np.sqrt(weight))
        for value, weight in zip(m2, reliability, strict=True)
    ]
    half, half_normal = critical * reliability * s, z * np.sqrt(reliability) * s
    return RobustShrinkage(
        coefficients=coefficients,
        mu2=mu2,
        kappa=kappa,
        mu2_uncorrected=max(plain2, 0.0),
        kappa_uncorrected=max(plain4 / max(plain2, 1e-300) ** 2, 1.0),
        reliability=reliability,
        mean=mean,
        shrunk=shrunk,
        critical=critical,
        low=shrunk - half,
        high=shrunk + half,
        low_normal=shrunk - half_normal,
        high_normal=shrunk + half_normal,
        worst_miss_normal=np.array(worst),
    )
