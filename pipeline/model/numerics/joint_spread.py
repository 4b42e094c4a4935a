"""The joint distribution of two effects over units, from estimates with errors that go together.

Both effects of a unit are drawn from a bivariate normal distribution. Maximum likelihood over both
means, both spreads and the correlation, whose limits are those of its profile likelihood: van
Houwelingen, H. C., Arends, L. R. & Stijnen, T. (2002). Advanced methods in meta-analysis:
multivariate approach and meta-regression. Statistics in Medicine 21, 589-624.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult, brentq, minimize
from scipy.stats import chi2

Floats = NDArray[np.float64]

#: Standard deviations of effects that are looked at, log odds; at the lower end there is no spread.
_SPREADS = (1e-3, 5.0)
_MOST_CORRELATION = float(np.tanh(4.0))
#: Log spreads and the correlation's arctanh: where a search may begin, and between what it looks.
START = np.array([np.log(0.3), np.log(0.3), 0.0])
_BOUNDS = [tuple(np.log(_SPREADS))] * 2 + [(-4.0, 4.0)]
#: Slopes by complex steps are exact, so that a search can end where the last digits do: what is
#: published is then the same on every kind of processor.
_SLOPES, _ENDS = "cs", {"ftol": 1e-15, "gtol": 1e-9}


@dataclass(frozen=True)
class JointSpread:
    """The distribution of two effects over n units.

    Attributes
    ----------
    mean, mean_covariance: (2,) and (2, 2), log odds.
    spread: (2,) standard deviations, log odds.
    correlation, low, high, p_value
        The correlation of true effects with limits, and the chance of one as far from 0 by the
        likelihood ratio; nan where one of the spreads is 0.
    effect, covariance: (n, 2) and (n, 2, 2), each unit's effects given its estimates.
    """

    mean: Floats
    mean_covariance: Floats
    spread: Floats
    correlation: float
    low: float
    high: float
    p_value: float
    effect: Floats
    covariance: Floats


def joint_spread(estimate: Floats, covariance: Floats, level: float) -> JointSpread:
    """Return the joint distribution of effects with (n, 2) normal estimates.

    ``covariance`` (n, 2, 2) is that of their errors.
    """
    best = _search(estimate, covariance, START)
    spread, rho = np.exp(best.x[:2]), float(np.tanh(best.x[2]))
    low, high, p_value = np.nan, np.nan, np.nan
    if (spread < 2 * _SPREADS[0]).any():
        rho = np.nan
    else:
        limit = float(chi2.ppf(level, 1))

        def excess(correlation: float) -> float:
            at = np.arctanh(correlation)
            rest = minimize(
                lambda two: _deviance(np.append(two, at), estimate, covariance),
                best.x[:2],
                method="L-BFGS-B",
                jac=_SLOPES,
                bounds=_BOUNDS[:2],
            )
            return float(rest.fun - best.fun)

        low, high = (_end(excess, rho, side, limit) for side in (-1.0, 1.0))
        p_value = float(chi2.sf(max(0.0, excess(0.0)), 1))
    mean, of_mean, effect, left = _posterior(best.x, estimate, covariance)
    return JointSpread(mean, of_mean, spread, rho, low, high, p_value, effect, left)


def most_likely(
    estimate: Floats, covariance: Floats, start: Floats = START
) -> tuple[Floats, Floats]:
    """Return the parameters of the largest likelihood, in the form of :data:`START`, and the mean.

    ``estimate`` (n, 2) with errors of ``covariance`` (n, 2, 2).
    """
    parameters = _search(estimate, covariance, start).x
    return parameters, _posterior(parameters, estimate, covariance)[0]


def _end(excess: Callable[[float], float], rho: float, side: float, limit: float) -> float:
    """Return the limit of the correlation on one side, where the deviance rises by ``limit``."""
    farthest = side * _MOST_CORRELATION
    if excess(farthest) < limit:
        return side
    return float(brentq(lambda value: excess(value) - limit, rho, farthest, xtol=1e-4))


def _search(estimate: Floats, covariance: Floats, start: Floats) -> OptimizeResult:
    data = (estimate, covariance)
    return minimize(
        _deviance, start, data, method="L-BFGS-B", jac=_SLOPES, bounds=_BOUNDS, options=_ENDS
    )


def _spread(parameters: Floats) -> Floats:
    """Return the (2, 2) covariance of effects at two log spreads and a correlation's arctanh."""
    one, other = np.exp(parameters[:2])
    between = np.tanh(parameters[2]) * one * other
    return np.array([[one**2, between], [between, other**2]])


def _deviance(parameters: Floats, estimate: Floats, covariance: Floats) -> np.floating[Any]:
    """Return minus twice the log likelihood, up to a constant; of complex parameters too.

    Written out for two outcomes: it is evaluated some hundred times for each pair.
    """
    total = covariance + _spread(parameters)
    one, other, between = total[:, 0, 0], total[:, 1, 1], total[:, 0, 1]
    determinant = one * other - between**2
    p, q, r = other / determinant, one / determinant, -between / determinant
    x, y = estimate.T
    a, b, c = p.sum(), q.sum(), r.sum()
    sum_x, sum_y = (p * x + r * y).sum(), (r * x + q * y).sum()
    x = x - (b * sum_x - c * sum_y) / (a * b - c**2)
    y = y - (a * sum_y - c * sum_x) / (a * b - c**2)
    return np.log(determinant).sum() + (p * x**2 + 2 * r * x * y + q * y**2).sum()


def _posterior(
    parameters: Floats, estimate: Floats, covariance: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the mean with its covariance, and each unit's effects with theirs.

    The mean is that of generalised least squares; its uncertainty is in the effects' covariance.
    """
    spread = _spread(parameters)
    inverse = np.asarray(np.linalg.inv(covariance + spread), dtype=np.float64)
    of_mean = np.linalg.inv(inverse.sum(axis=0))
    mean = of_mean @ np.einsum("nij,nj->i", inverse, estimate)
    weight = spread @ inverse
    effect = mean + np.einsum("nij,nj->ni", weight, estimate - mean)
    rest = np.eye(2) - weight
    left = spread - weight @ spread + rest @ of_mean @ rest.transpose(0, 2, 1)
    return mean, of_mean, effect, left
