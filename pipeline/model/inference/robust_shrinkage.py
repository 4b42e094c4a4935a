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
from scipy import interpolate, optimize, special

from pipeline.model.numerics.intervals import normal_quantile

Floats = NDArray[np.float64]

#: Critical values that are found exactly; more are interpolated between as many.
_KNOTS = 100


@dataclass(frozen=True)
class EffectMoments:
    """Second moment and kurtosis of effects around their mean or regression.

    Attributes
    ----------
    mu2, kappa: after the finite-sample correction, positive and above 1.
    mu2_uncorrected, kappa_uncorrected: before it, at least 0 and 1; kappa is infinite at mu2 0.
    """

    mu2: float
    kappa: float
    mu2_uncorrected: float
    kappa_uncorrected: float


@dataclass(frozen=True)
class RobustShrinkage:
    """Robust empirical-Bayes estimates of n units; every array has length n.

    Attributes
    ----------
    reliability: weight of the unit's own estimate, mu2 / (mu2 + se^2).
    mean, shrunk: the regression and the estimate.
    critical: robust critical values; low, high: robust limits.
    low_normal, high_normal: the usual limits, for normal effects.
    relative_noise: se^2 / mu2; kappa, level: what the limits were made for.
    """

    reliability: Floats
    mean: Floats
    shrunk: Floats
    critical: Floats
    low: Floats
    high: Floats
    low_normal: Floats
    high_normal: Floats
    relative_noise: Floats
    kappa: float
    level: float

    def worst_miss_normal(self) -> Floats:
        """Return (n,) the largest average miss of the usual limits with these moments."""
        # The usual interval is z sqrt(reliability) se: z / sqrt(reliability) in units of the noise.
        z = normal_quantile(self.level)
        reach = z * np.sqrt(1 + self.relative_noise)
        pairs = zip(self.relative_noise.tolist(), reach.tolist(), strict=True)
        return np.array([worst_miss(m2, self.kappa, chi) for m2, chi in pairs])


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
    optimum = optimize.minimize_scalar(
        lambda first: -float(two_points(first)),
        bounds=edges,
        method="bounded",
        options={"xatol": 1e-12 * m2},
    )
    return float(max(-optimum.fun, values[i], float(_miss(m2, chi))))


def robust_critical_value(m2: float, kappa: float, level: float = 0.95) -> float:
    """Return the critical value for a squared relative bias of mean ``m2`` and kurtosis ``kappa``.

    ``kappa`` may be infinite: only the second moment is used. Raises :class:`ValueError` for
    m2 < 0 or kappa < 1.
    """
    if not m2 >= 0 or not kappa >= 1:
        raise ValueError(f"m2 must be at least 0 and kappa at least 1, found {m2} and {kappa}")
    alpha = 1 - level
    low = normal_quantile(level)
    if worst_miss(m2, kappa, low) <= alpha:
        return low  # no bias, or one that is lost in rounding
    high = np.sqrt((1 + m2) / alpha)  # Chebyshev's inequality
    root = optimize.brentq(lambda chi: worst_miss(m2, kappa, chi) - alpha, low, high, xtol=1e-12)
    return float(root)


def robust_critical_values(
    m2: Floats, kappa: float, level: float = 0.95, knots: int = _KNOTS
) -> Floats:
    """Return the critical values for many ``m2`` (n,), interpolated where there are very many.

    Between 100 exact values, evenly in log m2, the error is below 1e-4, between 25 below 1e-3.
    """
    values, where = np.unique(m2, return_inverse=True)
    if len(values) <= knots or values[0] <= 0:
        exact = [robust_critical_value(float(value), kappa, level) for value in values]
        return np.array(exact)[where]
    place = np.geomspace(values[0], values[-1], knots)
    exact = [robust_critical_value(float(knot), kappa, level) for knot in place]
    return interpolate.PchipInterpolator(np.log(place), exact)(
        np.log(m2).clip(*np.log(place[[0, -1]]))
    )


def effect_moments(
    residual: ArrayLike, se: ArrayLike, weights: ArrayLike | None = None
) -> EffectMoments:
    """Return the moments of effects behind residuals (n,) with standard errors (n,).

    Sampling noise is taken out; the results are kept at or above the paper's bounds for finite
    samples (posterior mean truncation). ``weights`` (n,), default equal. Raises
    :class:`ValueError` for missing values or errors not above 0.
    """
    r, v = np.asarray(residual, dtype=np.float64), np.asarray(se, dtype=np.float64) ** 2
    if r.shape != v.shape or r.ndim != 1 or not np.all(np.isfinite(r)) or not np.all(v > 0):
        raise ValueError("residuals and positive standard errors must be equal, complete vectors")
    w = np.ones(len(r)) if weights is None else np.asarray(weights, dtype=np.float64)
    w = w / w.sum()
    second = float(w @ (r**2 - v))
    mu2 = max(second, float(2 * (w**2 @ v**2) / (w @ v)))
    fourth = float(w @ (r**4 - 6 * v * r**2 + 3 * v**2))
    least = 1 + float(32 * (w**2 @ v**4) / (mu2**2 * (w @ v**2)))
    return EffectMoments(
        mu2=mu2,
        kappa=max(fourth / mu2**2, least),
        mu2_uncorrected=max(second, 0.0),
        kappa_uncorrected=max(fourth / second**2, 1.0) if second > 0 else np.inf,
    )


def robust_empirical_bayes(
    effect: ArrayLike,
    se: ArrayLike,
    mean: ArrayLike,
    moments: EffectMoments,
    level: float = 0.95,
    knots: int = _KNOTS,
) -> RobustShrinkage:
    """Return effects (n,) shrunken towards ``mean`` with limits that need no normal prior.

    ``mean`` is a number or (n,), ``moments`` those of effect - mean, see
    :func:`effect_moments`; ``knots`` as in :func:`robust_critical_values`.
    """
    y, s = np.asarray(effect, dtype=np.float64), np.asarray(se, dtype=np.float64)
    centre = np.broadcast_to(np.asarray(mean, dtype=np.float64), y.shape)
    mu2, kappa = moments.mu2, moments.kappa
    reliability = mu2 / (mu2 + s**2)
    shrunk = centre + reliability * (y - centre)
    z = normal_quantile(level)
    m2 = s**2 / mu2
    critical = robust_critical_values(m2, kappa, level, knots)
    half, half_normal = critical * reliability * s, z * np.sqrt(reliability) * s
    return RobustShrinkage(
        reliability=reliability,
        mean=centre,
        shrunk=shrunk,
        critical=critical,
        low=shrunk - half,
        high=shrunk + half,
        low_normal=shrunk - half_normal,
        high_normal=shrunk + half_normal,
        relative_noise=m2,
        kappa=kappa,
        level=level,
    )
