"""Expected counts and practice effects with their joint covariance over municipalities.

National practice is one common intercept for which expected equals observed in the whole country.
``within`` compares each municipality's own intercept with it; ``pooled`` asks which shift of the
pooled log odds would give the municipality the number it has. Both are log odds, 0 = national.

The delta method carries everything that was estimated from the same grants. For ``pooled`` that
makes a variance *smaller*: the fit has already taken up part of O - E, so that
Var(O - E) = W - G V G', never W + G V G' (W binomial variance, G the derivative of E, V the
coefficient covariance).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from pipeline.model.cells import CellTable
from pipeline.model.design import Design, cross_table
from pipeline.model.intervals import poisson_binomial_midp
from pipeline.model.logit import FitResult
from pipeline.model.shift import solve_shift

#: What a municipality without grants is ranked and shrunk as: half a grant.
HALF_A_GRANT = 0.5


@dataclass(frozen=True)
class Expected:
    """Expected counts and effects of one fit; M municipalities, n cells, P patterns.

    Attributes
    ----------
    expected_cells
        (n,) expected grants per cell at national practice.
    expected
        (M,) expected grants; they sum to the observed.
    ratio_log_se
        (M,) standard error that E adds to log(O/E) beyond the chance in O: the variance of log E
        less twice its covariance with log O (E is fitted to the same grants), not below 0.
    variance
        (M,) Poisson-binomial variance of the grants at national practice, W.
    practice_effect, effect_covariance
        (M,) log odds against national practice and (M, M) covariance; nan where no grant.
    rank_effect, rank_covariance
        The same without gaps: a municipality without grants counts as if it had half a grant,
        with the variance that goes with it and no covariance with others.
    direct_rate
        (M,) share granted if everyone at risk in the country met this municipality's practice.
    p_value
        (M,) two-sided exact mid-p value of O against national practice (Poisson-binomial).
    intercept, intercept_se
        Common intercept, log odds at the reference levels.
    """

    expected_cells: np.ndarray
    expected: np.ndarray
    ratio_log_se: np.ndarray
    variance: np.ndarray
    practice_effect: np.ndarray
    effect_covariance: np.ndarray
    rank_effect: np.ndarray
    rank_covariance: np.ndarray
    direct_rate: np.ndarray
    p_value: np.ndarray
    intercept: float
    intercept_se: float


@dataclass(frozen=True)
class _Effects:
    """Derivatives and effects of one model: see :class:`Expected`; ``gradient`` of c is (K,)."""

    effect: np.ndarray
    covariance: np.ndarray
    log_variance: np.ndarray
    intercept_se: float


def expect(table: CellTable, design: Design, fit: FitResult) -> Expected:
    """Return expected counts, effects and their joint covariance from a fitted first stage."""
    slopes = slope_log_odds(design, fit)
    observed = table.observed.astype(float)
    by_pattern = table.by_pattern(table.n_persons)
    if design.model == "pooled":
        intercept = float(fit.coefficients[0])
    else:
        intercept = float(solve_shift(slopes, by_pattern, observed.sum())[0])
    log_odds = intercept + slopes
    p = expit(log_odds)
    expected_cells = table.n_persons * p[table.pattern]
    weights = expected_cells * (1 - p[table.pattern])
    expected, variance = table.by_municipality(expected_cells), table.by_municipality(weights)

    make = _pooled_effects if design.model == "pooled" else _within_effects
    effects = make(table, design, fit, log_odds, weights, expected)
    rank_effect, rank_covariance = _without_gaps(table, log_odds, effects)
    return Expected(
        expected_cells=expected_cells,
        expected=expected,
        ratio_log_se=np.sqrt(np.maximum(effects.log_variance, 0.0)),
        variance=variance,
        practice_effect=effects.effect,
        effect_covariance=effects.covariance,
        rank_effect=rank_effect,
        rank_covariance=rank_covariance,
        direct_rate=direct_rates(log_odds, by_pattern, effects.effect),
        p_value=np.array(
            [
                poisson_binomial_midp(int(o), p[table.pattern[cells]], table.n_persons[cells])
                for o, cells in zip(observed, _cells_of(table), strict=True)
            ]
        ),
        intercept=intercept,
        intercept_se=effects.intercept_se,
    )


def slope_log_odds(design: Design, fit: FitResult) -> np.ndarray:
    """Return (P,) log odds of each pattern from the factors alone, 0 at the reference levels."""
    return np.append(fit.coefficients, 0.0)[design.factor_columns].sum(axis=1)


def fitted_log_odds(table: CellTable, design: Design, fit: FitResult) -> np.ndarray:
    """Return (n,) fitted log odds of each cell; minus infinity where a dummy was left out."""
    base = np.append(fit.coefficients, -np.inf)[design.base_columns]
    return base[table.municipality] + slope_log_odds(design, fit)[table.pattern]


def direct_rates(log_odds: np.ndarray, n_persons: np.ndarray, effect: np.ndarray) -> np.ndarray:
    """Return (M,) rates if all (P,) patterns met each effect: the g-formula; nan stays nan."""
    return np.array([n_persons @ expit(log_odds + d) for d in effect]) / n_persons.sum()


def _within_effects(
    table: CellTable,
    design: Design,
    fit: FitResult,
    log_odds: np.ndarray,
    weights: np.ndarray,
    expected: np.ndarray,
) -> _Effects:
    """Return own intercept minus common intercept; the common one depends on all coefficients."""
    size = len(fit.coefficients)
    has_base = design.base_columns < size
    own = np.append(fit.coefficients, np.nan)[design.base_columns]
    fitted = expit(fitted_log_odds(table, design, fit))
    at_fit = table.n_persons * fitted * (1 - fitted)

    national = _slope_gradient(table, design, weights, size)
    variance = table.by_municipality(weights)
    own_variance = table.by_municipality(at_fit)
    observed_gradient = _slope_gradient(table, design, at_fit, size).sum(axis=0)
    observed_gradient[design.base_columns[has_base]] = own_variance[has_base]
    intercept_gradient = (observed_gradient - national.sum(axis=0)) / variance.sum()

    effect_gradient = np.zeros((len(own), size + 1))
    effect_gradient[np.arange(len(own)), design.base_columns] = 1.0
    effect_gradient = effect_gradient[:, :size] - intercept_gradient
    covariance = effect_gradient @ fit.covariance @ effect_gradient.T
    covariance[~has_base] = np.nan
    covariance[:, ~has_base] = np.nan

    gradient = (national + variance[:, None] * intercept_gradient) / expected[:, None]
    # Cov(O_m, coefficients) is the unit vector of m's own intercept (information times inverse).
    shared = np.append(intercept_gradient, 0.0)[design.base_columns] * variance
    with np.errstate(divide="ignore", invalid="ignore"):
        shared = np.where(has_base, shared / expected / table.observed, 0.0)
    common = intercept_gradient @ fit.covariance @ intercept_gradient
    return _Effects(
        effect=own - (log_odds[0] - slope_log_odds(design, fit)[0]),
        covariance=(covariance + covariance.T) / 2,
        log_variance=_quadratic(gradient, fit.covariance) - 2 * shared,
        intercept_se=float(np.sqrt(common)),
    )


def _pooled_effects(
    table: CellTable,
    design: Design,
    fit: FitResult,
    log_odds: np.ndarray,
    weights: np.ndarray,
    expected: np.ndarray,
) -> _Effects:
    """Return the shifts that turn E into O, and their covariance W - 2 G V G' + G V B V G'.

    With B, the variance of the score, equal to the information this is W - G V G'.
    """
    observed = table.observed.astype(float)
    cells = log_odds[table.pattern]
    shift = solve_shift(cells, table.n_persons, observed, table.municipality)
    has_events = np.isfinite(shift)
    p = expit(cells + np.where(has_events, shift, 0.0)[table.municipality])
    shifted = table.n_persons * p * (1 - p)
    variance = table.by_municipality(shifted)
    size = len(fit.coefficients)

    def gradient(weight: np.ndarray) -> np.ndarray:
        total = _slope_gradient(table, design, weight, size)
        total[:, 0] = table.by_municipality(weight)
        return total

    columns = np.hstack(
        [np.zeros((len(design.factor_columns), 1), dtype=np.int64), design.factor_columns]
    )
    score_variance = cross_table(columns, table.by_pattern(shifted), size)
    G, V = gradient(shifted), fit.covariance
    middle = np.diag(variance) - 2 * (G @ V @ G.T) + G @ V @ score_variance @ V @ G.T
    covariance = middle / np.outer(variance, variance)
    effect = np.where(has_events, shift, np.nan)
    covariance[~has_events] = np.nan
    covariance[:, ~has_events] = np.nan

    national = gradient(weights)
    shared = np.einsum("mk,kj,mj->m", national, V, G) / expected
    with np.errstate(divide="ignore", invalid="ignore"):
        shared = np.where(has_events, shared / observed, 0.0)
    return _Effects(
        effect=effect,
        covariance=(covariance + covariance.T) / 2,
        log_variance=_quadratic(national, V) / expected**2 - 2 * shared,
        intercept_se=float(fit.se[0]),
    )


def _slope_gradient(
    table: CellTable, design: Design, weights: np.ndarray, n_columns: int
) -> np.ndarray:
    """Return (M, K) sums of ``weights`` over each municipality's cells at each factor column."""
    size = n_columns + 1
    total = np.zeros(len(table.municipality_codes) * size)
    for position in range(design.factor_columns.shape[1]):
        place = table.municipality * size + design.factor_columns[table.pattern, position]
        total += np.bincount(place, weights, len(total))
    return total.reshape(-1, size)[:, :n_columns]


def _without_gaps(
    table: CellTable, log_odds: np.ndarray, effects: _Effects
) -> tuple[np.ndarray, np.ndarray]:
    """Return effects and covariance with municipalities without grants put at half a grant."""
    missing = np.isnan(effects.effect)
    effect, covariance = effects.effect.copy(), effects.covariance.copy()
    if missing.any():
        cells = log_odds[table.pattern]
        target = np.where(missing, np.minimum(HALF_A_GRANT, table.n_at_risk / 2), np.nan)
        half = solve_shift(cells, table.n_persons, target, table.municipality)
        p = expit(cells + np.nan_to_num(half)[table.municipality])
        information = table.by_municipality(table.n_persons * p * (1 - p))
        effect[missing] = half[missing]
        covariance[missing] = 0.0
        covariance[:, missing] = 0.0
        covariance[missing, missing] = 1 / information[missing]
    return effect, covariance


def _quadratic(gradient: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Return the (M,) variances of linear functions with (M, K) gradients."""
    return np.einsum("mk,kj,mj->m", gradient, covariance, gradient)


def _cells_of(table: CellTable) -> list[slice]:
    """Return the slice of cells of each municipality; cells are sorted by municipality."""
    ends = np.searchsorted(table.municipality, np.arange(len(table.municipality_codes) + 1))
    return [slice(ends[m], ends[m + 1]) for m in range(len(table.municipality_codes))]
