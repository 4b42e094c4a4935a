"""The delta method of effects against a common intercept that is fitted with them.

An effect is a unit's own intercept less the common one, for which expected equals observed in
all; the common one moves with every coefficient, and so do the expected counts. The same formulas
serve the municipalities' benchmark and the profile of any units.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.model.numerics.exact_sums import sandwich


@dataclass(frozen=True)
class Delta:
    """Derivatives by the K coefficients and what follows from them; M units.

    Attributes
    ----------
    intercept_gradient, effect_gradient
        (K,) of the common intercept, and (M, K) of the effects; a unit without an own intercept
        has that of the common one only.
    covariance
        (M, M) of the effects; of no meaning for units without an own intercept.
    log_variance
        (M,) what E adds to the variance of log(O/E): that of log E less twice its covariance
        with log O.
    intercept_se
        Standard error of the common intercept.
    """

    intercept_gradient: np.ndarray
    effect_gradient: np.ndarray
    covariance: np.ndarray
    log_variance: np.ndarray
    intercept_se: float


def delta_method(
    coefficient_covariance: np.ndarray,
    base: np.ndarray,
    observed_gradient: np.ndarray,
    expected_gradient: np.ndarray,
    variance: np.ndarray,
    expected: np.ndarray,
    observed: np.ndarray,
) -> Delta:
    """Return the derivatives and covariances of effects and expected counts.

    Parameters
    ----------
    coefficient_covariance
        (K, K).
    base
        (M,) column of each unit's own intercept, K for none.
    observed_gradient
        (K,) derivative of the fitted count of all units together.
    expected_gradient
        (M, K) derivative of each unit's expected count at a fixed common intercept.
    variance
        (M,) its derivative by the common intercept.
    expected, observed
        (M,) counts.
    """
    n_units, size = expected_gradient.shape
    intercept = (observed_gradient - expected_gradient.sum(axis=0)) / variance.sum()
    own = np.zeros((n_units, size + 1))
    own[np.arange(n_units), base] = 1.0
    effect = own[:, :size] - intercept
    ratio = (expected_gradient + variance[:, None] * intercept) / expected[:, None]
    # Cov(O_m, coefficients) is the unit vector of m's own intercept (information times inverse).
    shared = np.append(intercept, 0.0)[base] * variance
    with np.errstate(divide="ignore", invalid="ignore"):
        shared = np.where(base < size, shared / expected / observed, 0.0)
    return Delta(
        intercept_gradient=intercept,
        effect_gradient=effect,
        covariance=sandwich(effect, coefficient_covariance),
        log_variance=quadratic(ratio, coefficient_covariance) - 2 * shared,
        intercept_se=float(np.sqrt(sandwich(intercept[None, :], coefficient_covariance)[0, 0])),
    )


def quadratic(gradient: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Return the (M,) variances of linear functions with (M, K) gradients."""
    product = np.einsum("mk,kj->mj", gradient, covariance, optimize=False)
    return np.asarray((product * gradient).sum(axis=1))
