"""Unit effects on any table of cells, and their joint covariance.

The first stage has one dummy per unit, so that slopes come from differences *within* units. An
effect is a unit's own intercept less one common intercept, for which expected equals observed in
all: log odds (binomial), or log ratio of rates (Poisson).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from pipeline.errors import ModelError
from pipeline.model.logit.factor_design import INTERCEPT, PER_UNIT
from pipeline.model.national.expected import HALF_A_GRANT
from pipeline.model.numerics.delta import delta_method
from pipeline.model.numerics.shift import solve_shift
from pipeline.model.profile.profile_cells import EXPECTED, Cells
from pipeline.model.profile.profile_stage import (
    FirstStage,
    fit_first_stage,
    list_coefficients,
    slope_predictors,
)


@dataclass(frozen=True)
class UnitEffects:
    """Expected counts and effects of M units, n cells.

    Attributes
    ----------
    risk
        (n,) probability of the event at the common intercept (binomial), else expected count.
    expected, variance
        (M,) expected counts at the common intercept, and variance of the counts there.
    effect, covariance
        (M,) and (M, M); a unit in which nobody (or everybody) has the event counts as if half an
        event had happened (or not), with no covariance with others.
    is_estimated
        (M,) False for those units: their own effect is not finite.
    log_variance
        (M,) what E adds to the variance of log(O/E): that of log E less twice its covariance
        with log O.
    coefficients
        (term, level, estimate, se) of the common intercept and every slope; references have
        estimate 0 and se nan.
    """

    risk: np.ndarray
    expected: np.ndarray
    variance: np.ndarray
    effect: np.ndarray
    covariance: np.ndarray
    is_estimated: np.ndarray
    log_variance: np.ndarray
    coefficients: tuple[tuple[str, str, float, float], ...]


def unit_effects(cells: Cells) -> UnitEffects:
    """Return expected counts and effects; with ready-made expected counts those are taken as they
    are. Raises :class:`ModelError` for a model that cannot be fitted, naming the level.
    """
    events = cells.by_unit(cells.events)
    size = cells.by_unit(cells.size)
    if events.sum() == 0 or (cells.is_binomial and events.sum() == size.sum()):
        raise ModelError(
            f"{'everybody' if events.sum() else 'nobody'} in the table has the event: nothing to "
            "compare."
        )
    is_estimated = events > 0
    if cells.is_binomial:
        is_estimated &= events < size
    if cells.mode == EXPECTED:
        return _ready_made(cells, events, is_estimated)
    stage = fit_first_stage(cells, is_estimated)
    slopes = slope_predictors(cells, stage)
    common, risk = _common_intercept(cells, slopes)
    expected_cells = cells.size * risk if cells.is_binomial else risk
    weights = expected_cells * (1 - risk) if cells.is_binomial else expected_cells
    expected, variance = cells.by_unit(expected_cells), cells.by_unit(weights)
    delta = delta_method(
        stage.covariance,
        stage.base,
        _observed_gradient(cells, stage, slopes, is_estimated),
        _by_column(cells, stage, weights),
        variance,
        expected,
        events,
    )
    covariance = delta.covariance
    effect = stage.own - common
    _fill_gaps(cells, slopes + common, is_estimated, effect, covariance)
    return UnitEffects(
        risk=risk,
        expected=expected,
        variance=variance,
        effect=effect,
        covariance=covariance,
        is_estimated=is_estimated,
        log_variance=delta.log_variance,
        coefficients=((*INTERCEPT, common, delta.intercept_se), *list_coefficients(cells, stage)),
    )


def _ready_made(cells: Cells, events: np.ndarray, is_estimated: np.ndarray) -> UnitEffects:
    expected = cells.by_unit(cells.size)
    counted = np.where(is_estimated, events, HALF_A_GRANT)
    return UnitEffects(
        risk=cells.size,
        expected=expected,
        variance=expected,
        effect=np.log(counted / expected),
        covariance=np.diag(1 / counted),
        is_estimated=is_estimated,
        log_variance=np.zeros(len(events)),
        coefficients=(),
    )


def _common_intercept(cells: Cells, slopes: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the intercept for which expected equals observed, and what each cell then expects."""
    observed = cells.events.sum()
    if cells.is_binomial:
        # From the middle of the slopes: those of a covariate far from 0 are far from 0 too.
        middle = float(np.average(slopes, weights=cells.size))
        found = float(solve_shift(slopes - middle, cells.size, np.array([observed]))[0])
        return found - middle, expit(slopes - middle + found)
    highest = float(slopes.max())
    relative = cells.size * np.exp(slopes - highest)
    common = float(np.log(observed / relative.sum()))
    return common - highest, relative * np.exp(common)


def _observed_gradient(
    cells: Cells, stage: FirstStage, slopes: np.ndarray, is_estimated: np.ndarray
) -> np.ndarray:
    """Return (K,) derivatives of all fitted events; the common intercept solves sum E = sum O."""
    with_own = slopes + np.where(is_estimated, np.nan_to_num(stage.own), -np.inf)[cells.unit]
    if cells.is_binomial:
        p = expit(with_own)
        at_fit = cells.size * p * (1 - p)
    else:
        at_fit = cells.size * np.exp(with_own)
    observed = _by_column(cells, stage, at_fit).sum(axis=0)
    observed[stage.base[is_estimated]] = cells.by_unit(at_fit)[is_estimated]
    return observed


def _by_column(cells: Cells, stage: FirstStage, weights: np.ndarray) -> np.ndarray:
    """Return (M, K) sums of weights over each unit's cells at each slope's column."""
    total = np.zeros((len(cells.units), len(stage.estimates)))
    for (name, levels), codes in zip(cells.levels.items(), cells.codes, strict=True):
        table = np.bincount(
            cells.unit * len(levels) + codes, weights, len(cells.units) * len(levels)
        ).reshape(len(cells.units), len(levels))
        for number, level in enumerate(levels):
            if (name, level) in stage.column_of:
                total[:, stage.column_of[name, level]] = table[:, number]
    for name, values in cells.numeric.items():
        total[:, stage.column_of[name, PER_UNIT]] = cells.by_unit(weights * values)
    return total


def _fill_gaps(
    cells: Cells,
    linear: np.ndarray,
    is_estimated: np.ndarray,
    effect: np.ndarray,
    covariance: np.ndarray,
) -> None:
    """Put units without an effect of their own at half an event, or at half short of all."""
    missing = ~is_estimated
    if not missing.any():
        return
    events, size = cells.by_unit(cells.events), cells.by_unit(cells.size)
    if cells.is_binomial:
        half = np.minimum(HALF_A_GRANT, size / 2)
        target = np.where(missing, np.where(events == 0, half, size - half), np.nan)
        shift = solve_shift(linear, cells.size, target, cells.unit)
        p = expit(linear + np.nan_to_num(shift)[cells.unit])
        information = cells.by_unit(cells.size * p * (1 - p))
    else:
        shift = np.log(HALF_A_GRANT / cells.by_unit(cells.size * np.exp(linear)))
        information = np.full(len(events), HALF_A_GRANT)
    effect[missing] = shift[missing]
    covariance[missing] = 0.0
    covariance[:, missing] = 0.0
    covariance[missing, missing] = 1 / information[missing]
