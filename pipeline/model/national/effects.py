"""Practice effects of the two models and the joint covariance over municipalities.

``within`` compares each municipality's own intercept with the common one; ``pooled`` asks which
shift of the pooled log odds would give the municipality the number it has.

The delta method carries everything that was estimated from the same grants. For ``pooled`` that
makes a variance *smaller*: the fit has already taken up part of O - E, so that
Var(O - E) = W - G V G', never W + G V G' (W binomial variance, G the derivative of E, V the
coefficient covariance).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.special import expit

from pipeline.model.national.cells import CellTable
from pipeline.model.national.column_sums import (
    cross_columns,
    sum_columns,
    sum_columns_by_municipality,
)
from pipeline.model.national.design import Design
from pipeline.model.national.first_stage import FitResult
from pipeline.model.numerics.delta import delta_method, quadratic
from pipeline.model.numerics.shift import solve_shift


@dataclass(frozen=True)
class Effects:
    """Effects of one model; M municipalities.

    Attributes
    ----------
    effect, covariance
        (M,) log odds against national practice and (M, M) covariance; nan where no grant.
    log_variance
        (M,) variance of log E less twice its covariance with log O.
    intercept_se
        Standard error of the common intercept.
    observed_gradient, intercept_gradient, gradient
        ``within`` only, else empty: derivatives by the coefficients, (K,) of all fitted grants and
        of the common intercept, (M, K) of the effects (without grants: of the common part only).
    """

    effect: np.ndarray
    covariance: np.ndarray
    log_variance: np.ndarray
    intercept_se: float
    observed_gradient: np.ndarray = field(default_factory=lambda: np.zeros(0))
    intercept_gradient: np.ndarray = field(default_factory=lambda: np.zeros(0))
    gradient: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))


def slope_log_odds(design: Design, fit: FitResult) -> np.ndarray:
    """Return (P,) log odds of each pattern from the factors alone, 0 at the reference levels."""
    return design.sum_over_factors(np.append(fit.coefficients, 0.0))


def fitted_log_odds(table: CellTable, design: Design, fit: FitResult) -> np.ndarray:
    """Return (n,) fitted log odds of each cell; minus infinity where a dummy was left out."""
    base = np.append(fit.coefficients, -np.inf)[design.base_columns]
    return base[table.municipality] + slope_log_odds(design, fit)[table.pattern]


def within_effects(
    table: CellTable,
    design: Design,
    fit: FitResult,
    log_odds: np.ndarray,
    weights: np.ndarray,
    expected: np.ndarray,
) -> Effects:
    """Return own intercept minus common intercept; the common one depends on all coefficients."""
    size = len(fit.coefficients)
    has_base = design.base_columns < size
    own = np.append(fit.coefficients, np.nan)[design.base_columns]
    fitted = expit(fitted_log_odds(table, design, fit))
    at_fit = table.n_persons * fitted * (1 - fitted)

    national = sum_columns_by_municipality(table, design, weights)
    variance = table.by_municipality(weights)
    own_variance = table.by_municipality(at_fit)
    observed_gradient = sum_columns(design, table.by_pattern(at_fit))
    observed_gradient[design.base_columns[has_base]] = own_variance[has_base]
    delta = delta_method(
        fit.covariance,
        design.base_columns,
        observed_gradient,
        national,
        variance,
        expected,
        table.observed,
    )
    covariance = delta.covariance
    covariance[~has_base] = np.nan
    covariance[:, ~has_base] = np.nan
    return Effects(
        effect=own - (log_odds[0] - slope_log_odds(design, fit)[0]),
        covariance=covariance,
        log_variance=delta.log_variance,
        intercept_se=delta.intercept_se,
        observed_gradient=observed_gradient,
        intercept_gradient=delta.intercept_gradient,
        gradient=delta.effect_gradient,
    )


def pooled_effects(
    table: CellTable,
    design: Design,
    fit: FitResult,
    log_odds: np.ndarray,
    weights: np.ndarray,
    expected: np.ndarray,
) -> Effects:
    """Return the shifts that turn E into O, and their covariance W - 2 G V G' + G V B V G'.

    With B, the variance of the score, equal to the information this is W - G V G'.
    """
    observed = table.observed
    cells = log_odds[table.pattern]
    shift = solve_shift(cells, table.n_persons, observed, table.municipality)
    has_events = np.isfinite(shift)
    p = expit(cells + np.where(has_events, shift, 0.0)[table.municipality])
    shifted = table.n_persons * p * (1 - p)
    variance = table.by_municipality(shifted)

    def gradient(weight: np.ndarray) -> np.ndarray:
        total = sum_columns_by_municipality(table, design, weight)
        total[:, 0] = table.by_municipality(weight)
        return total

    by_pattern = table.by_pattern(shifted)
    score_variance = cross_columns(design, by_pattern)
    score_variance[0] = score_variance[:, 0] = sum_columns(design, by_pattern)
    score_variance[0, 0] = by_pattern.sum()
    G, V = gradient(shifted), fit.covariance
    sandwich = V @ score_variance @ V
    middle = np.diag(variance) - 2 * (G @ V @ G.T) + G @ sandwich @ G.T
    covariance = middle / np.outer(variance, variance)
    effect = np.where(has_events, shift, np.nan)
    covariance[~has_events] = np.nan
    covariance[:, ~has_events] = np.nan

    national = gradient(weights)
    shared = np.einsum("mk,kj,mj->m", national, V, G) / expected
    with np.errstate(divide="ignore", invalid="ignore"):
        shared = np.where(has_events, shared / observed, 0.0)
    return Effects(
        effect=effect,
        covariance=(covariance + covariance.T) / 2,
        log_variance=quadratic(national, sandwich) / expected**2 - 2 * shared,
        intercept_se=float(fit.se[0]),
    )
