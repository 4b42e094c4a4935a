"""Unit effects on any table of cells, and their joint covariance.

The first stage has one intercept per unit, so that slopes come from differences *within* units. An
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
from pipeline.model.numerics.log_odds_nodes import log_odds_nodes
from pipeline.model.numerics.shift import solve_shift
from pipeline.model.numerics.unit_likelihood import BinomialUnits, PoissonUnits, UnitLikelihood
from pipeline.model.profile.profile_cells import EXPECTED, Cells
from pipeline.model.profile.profile_stage import FirstStage, fit_first_stage


@dataclass(frozen=True)
class JointErrors:
    """Errors of M effects: each unit's own, those of K slopes, and that of the common intercept.

    The error of an effect is its own with variance ``own`` (M,), less what the slopes' errors (K,
    K) ``slopes`` make of it through ``loadings`` (M, K), less the common intercept's: the ``share``
    (M,) of each unit's own error, added over units.
    """

    own: np.ndarray
    loadings: np.ndarray
    slopes: np.ndarray
    share: np.ndarray

    @property
    def of_slopes(self) -> np.ndarray:
        """(M,) variance that the slopes bring."""
        return np.asarray(((self.loadings @ self.slopes) * self.loadings).sum(axis=1))

    @property
    def variance(self) -> np.ndarray:
        """(M,) variances of the effects.

        Where one unit alone makes the common intercept, its effect would seem to have no error:
        then the common level counts as known.
        """
        of_common = self.share**2 * self.own
        before, after = np.cumsum(of_common), np.cumsum(of_common[::-1])[::-1]
        others = np.append(0.0, before[:-1]) + np.append(after[1:], 0.0)
        alone = (1 - self.share) ** 2 * self.own + others
        return self.of_slopes + np.where(others > 0, alone, self.own)

    def dense(self) -> np.ndarray:
        """Return the (M, M) joint covariance."""
        shared = self.share * self.own
        joint = self.loadings @ self.slopes @ self.loadings.T + float(shared @ self.share)
        joint -= shared[:, None] + shared[None, :]
        np.fill_diagonal(joint, self.variance)
        return np.asarray((joint + joint.T) / 2)


@dataclass(frozen=True)
class UnitEffects:
    """Expected counts and effects of M units, n cells.

    Attributes
    ----------
    expected, variance
        (M,) expected counts at the common intercept, and variance of the counts there.
    effect, errors
        (M,) and their joint errors; a unit in which nobody (or everybody) has the event counts as
        if half an event had happened (or not).
    is_estimated
        (M,) False for those units: their own effect is not finite.
    log_variance
        (M,) what E adds to the variance of log(O/E): that of log E less twice its covariance
        with log O.
    likelihood
        What the events say of the effects, given the slopes; for a binomial one the log odds of
        the unit's people at the common intercept.
    coefficients
        (term, level, estimate, se) of the common intercept and every slope; references have
        estimate 0 and se nan.
    """

    expected: np.ndarray
    variance: np.ndarray
    effect: np.ndarray
    errors: JointErrors
    is_estimated: np.ndarray
    log_variance: np.ndarray
    likelihood: UnitLikelihood
    coefficients: tuple[tuple[str, str, float, float], ...]


def unit_effects(cells: Cells) -> UnitEffects:
    """Return expected counts and effects; with ready-made expected counts those are taken as they
    are. Raises :class:`ModelError` for a model that cannot be fitted, naming the covariate.
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
    predictors = stage.predictors
    common = _common_intercept(cells, predictors)
    at_common = _at(cells, predictors + common)
    expected, variance = cells.by_unit(at_common[0]), cells.by_unit(at_common[1])
    effect, information, means = _own_levels(cells, stage, predictors, common, is_estimated)

    # How the common intercept moves with each unit's own, and with the slopes.
    share = stage.information / variance.sum()
    expected_sums = _column_sums(cells, stage, at_common[1])
    by_slopes = (stage.column_sums.sum(axis=0) - expected_sums.sum(axis=0)) / variance.sum()
    by_slopes = by_slopes - means.T @ share
    errors = JointErrors(1 / information, means + by_slopes, stage.covariance, share)
    of_share = float((share**2 / information).sum())
    relative = variance / expected
    moved = expected_sums / expected[:, None] + relative[:, None] * by_slopes
    log_variance = relative**2 * of_share + ((moved @ stage.covariance) * moved).sum(axis=1)
    log_variance -= 2 * share * relative / np.where(is_estimated, events, 1.0)
    if cells.is_binomial:
        nodes = log_odds_nodes(predictors + common, cells.size, cells.unit, len(cells.units))
        likelihood: UnitLikelihood = BinomialUnits(events, *nodes)
    else:
        likelihood = PoissonUnits(events, expected)
    return UnitEffects(
        expected=expected,
        variance=variance,
        effect=effect,
        errors=errors,
        is_estimated=is_estimated,
        log_variance=log_variance,
        likelihood=likelihood,
        coefficients=_coefficients(cells, stage, common, of_share, by_slopes),
    )


def _ready_made(cells: Cells, events: np.ndarray, is_estimated: np.ndarray) -> UnitEffects:
    expected, n_units = cells.by_unit(cells.size), len(events)
    counted = np.where(is_estimated, events, HALF_A_GRANT)
    return UnitEffects(
        expected=expected,
        variance=expected,
        effect=np.log(counted / expected),
        errors=JointErrors(
            1 / counted, np.zeros((n_units, 0)), np.zeros((0, 0)), np.zeros(n_units)
        ),
        is_estimated=is_estimated,
        log_variance=np.zeros(n_units),
        likelihood=PoissonUnits(events, expected),
        coefficients=(),
    )


def _common_intercept(cells: Cells, predictors: np.ndarray) -> float:
    """Return the intercept for which expected equals observed in all."""
    observed = cells.events.sum()
    if cells.is_binomial:
        return float(solve_shift(predictors, cells.size, np.array([observed]))[0])
    highest = float(predictors.max())
    return float(np.log(observed / (cells.size @ np.exp(predictors - highest)))) - highest


def _at(cells: Cells, predictors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (n,) expected events at linear predictors, and their variance."""
    if cells.is_binomial:
        p = expit(predictors)
        return cells.size * p, cells.size * p * expit(-predictors)
    expected = cells.size * np.exp(predictors)
    return expected, expected


def _column_sums(cells: Cells, stage: FirstStage, weight: np.ndarray) -> np.ndarray:
    """Return (M, K) sums of weights over each unit's cells at each slope's column."""
    total = np.zeros((len(cells.units), len(stage.estimates)))
    by_column = stage.slopes.columns.tocsc()
    for k in range(total.shape[1]):
        part = slice(by_column.indptr[k], by_column.indptr[k + 1])
        rows = by_column.indices[part]
        total[:, k] = np.bincount(
            cells.unit[rows], weight[rows] * by_column.data[part], len(cells.units)
        )
    return total


def _own_levels(
    cells: Cells, stage: FirstStage, predictors: np.ndarray, common: float, is_estimated: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (M,) effects, the information of each, and (M, K) weighted means of the columns.

    Units without an effect of their own are put at half an event, or at half short of all.
    """
    effect, information, sums = stage.own - common, stage.information, stage.column_sums
    if not is_estimated.all():
        events, size = cells.by_unit(cells.events), cells.by_unit(cells.size)
        half = np.minimum(HALF_A_GRANT, size / 2) if cells.is_binomial else HALF_A_GRANT
        target = np.where(events == 0, half, size - half)
        target = np.where(is_estimated, np.nan, target)
        if cells.is_binomial:
            shift = solve_shift(predictors + common, cells.size, target, cells.unit)
        else:
            shift = np.log(target / cells.by_unit(_at(cells, predictors + common)[0]))
        effect = np.where(is_estimated, effect, shift)
        moved = predictors + common + np.nan_to_num(effect)[cells.unit]
        weight = np.where(is_estimated[cells.unit], 0.0, _at(cells, moved)[1])
        information = information + cells.by_unit(weight)
        sums = sums + _column_sums(cells, stage, weight)
    return effect, information, sums / information[:, None]


def _coefficients(
    cells: Cells, stage: FirstStage, common: float, of_share: float, by_slopes: np.ndarray
) -> tuple[tuple[str, str, float, float], ...]:
    """Return the common intercept, where every covariate is 0 or at its reference, and slopes."""
    slopes = stage.slopes
    origin = slopes.centre / slopes.scale
    gradient = by_slopes - origin
    intercept_se = np.sqrt(of_share + gradient @ stage.covariance @ gradient)
    estimates = stage.estimates / slopes.scale
    se = np.sqrt(np.diag(stage.covariance)) / slopes.scale
    rows = dict(zip(slopes.keys, zip(estimates.tolist(), se.tolist(), strict=True), strict=True))
    levels = [(name, level) for name, levels in cells.levels.items() for level in levels]
    keys = [*levels, *((name, PER_UNIT) for name in cells.numeric)]
    intercept = common - float(origin @ stage.estimates)
    return (
        (*INTERCEPT, intercept, float(intercept_se)),
        *((*key, *rows.get(key, (0.0, np.nan))) for key in keys),
    )
