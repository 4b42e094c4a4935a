"""Composition and framework conditions: expected counts when conditions are taken into account.

Municipal practice effects are regressed on a few framework conditions, every count as such
(:mod:`pipeline.model.inference.count_regression`), the full covariance of the first stage as
weights. What the conditions explain moves from practice to
expectation: a municipality in a weak labour market is compared with how municipalities in weak
labour markets grant. Conditions may themselves be choices, so both views are published.

With effects y = c + u + e, where c = Z b is what the conditions explain (Z centred at the country,
so that the country's own conditions explain nothing), u the practice left and e the first stage's
error, c is estimated by H y. Two questions can be asked of y - H y:

- how far a municipality is from the best linear fit of *these* municipalities, (I - H)(c + u): the
  error is (I - H) e alone, Var = (I - H) V (I - H)'. This is the model's estimand and its interval;
- how far it is from what conditions explain in general, of which these are one draw, u: the
  fitted line has a sampling error of its own, Var = (I - H) V (I - H)' + tau2 H H'. Its standard
  error stands beside the first.

Abadie, A., Athey, S., Imbens, G. W. & Wooldridge, J. M. (2020). Sampling-based versus design-based
uncertainty in regression analysis. Econometrica 88, 265-296.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from scipy.special import expit

from pipeline.errors import ModelError
from pipeline.model.inference.count_regression import (
    UnsettledMeanError,
    regress_counts,
    spreads_of_counts,
)
from pipeline.model.inference.second_stage import SecondStage
from pipeline.model.national.cells import CellTable
from pipeline.model.national.column_sums import sum_columns_by_municipality
from pipeline.model.national.design import Design
from pipeline.model.national.effects import slope_log_odds
from pipeline.model.national.expected import Expected
from pipeline.model.national.first_stage import FitResult
from pipeline.model.numerics.delta import quadratic
from pipeline.model.numerics.shift import solve_shift

#: The estimator behind model ``conditions``, then those shown beside it.
METHODS = ("REML", "DL", "PM")


@dataclass(frozen=True)
class Conditions:
    """J framework conditions of M municipalities, in the order of their codes.

    Attributes
    ----------
    names
        The J conditions, in alphabetical order.
    level
        (M, J) in each condition's unit.
    country
        (J,) means over the country, weighted by persons at risk.
    centred
        (M, J) standard deviations over municipalities from the country's mean, of the logarithm
        where a condition is taken in logarithms.
    """

    names: tuple[str, ...]
    level: np.ndarray
    country: np.ndarray
    centred: np.ndarray


@dataclass(frozen=True)
class Adjustment:
    """What the conditions explain of the practice effects; K' counts coefficients and gaps.

    Attributes
    ----------
    stages
        The second stage by each of :data:`METHODS` whose prior settles, coefficients with
        Knapp-Hartung limits.
    tau2_low, tau2_high
        Limits of the first method's tau2 by the restricted likelihood of the counts.
    hat
        (M, M): what the conditions explain is ``hat @ effect``.
    explained
        (M,) log odds against national practice under the country's conditions.
    gradient, parameter_covariance
        (M, K') derivative of the effects by the first stage's coefficients and, for municipalities
        without grants, by their half-a-grant effect; and the (K', K') covariance of those.
    """

    stages: dict[str, SecondStage]
    tau2_low: float
    tau2_high: float
    hat: np.ndarray
    explained: np.ndarray
    gradient: np.ndarray
    parameter_covariance: np.ndarray

    @property
    def tau2(self) -> float:
        """The variance between municipalities that the conditions leave, log odds squared."""
        return self.stages[METHODS[0]].tau2


def code_conditions(
    frame: pd.DataFrame,
    municipality_codes: Sequence[str],
    n_at_risk: np.ndarray,
    in_logarithms: Sequence[str] = (),
) -> Conditions:
    """Return the conditions of ``municipality_codes`` from rows of ``mart.framework_condition``.

    ``frame`` has municipality_code, condition and value; ``n_at_risk`` (M,) weights the country's
    mean; ``in_logarithms`` are the conditions that act on a log scale. Raises :class:`ModelError`
    naming what is missing, not positive though to be taken in logarithms, a condition that does
    not vary, or more conditions than the municipalities can carry (a tenth of them).
    """
    wide = frame.pivot(index="municipality_code", columns="condition", values="value")
    wide = wide.reindex(list(municipality_codes)).sort_index(axis=1)
    if wide.isna().any(axis=None):
        lacking = [
            f"{condition} of {', '.join(wide.index[wide[condition].isna()][:5])}"
            for condition in wide
            if wide[condition].isna().any()
        ]
        raise ModelError(
            f"framework conditions are missing: {'; '.join(lacking)}",
            next_step="complete the register of framework conditions, or leave out the model "
            "conditions.",
        )
    values = wide.to_numpy(float)
    if values.shape[1] > max(1, len(values) // 10):
        raise ModelError(
            f"{values.shape[1]} framework conditions are too many for {len(values)} municipalities",
            expected=f"at most {max(1, len(values) // 10)}",
            next_step="name fewer under conditions in the benchmark's file (docs/declarations.md).",
        )
    names = tuple(map(str, wide.columns))
    is_log = np.array([name in in_logarithms for name in names])
    not_positive = [names[j] for j in np.flatnonzero(is_log & (values <= 0).any(axis=0))]
    if not_positive:
        raise ModelError(
            f"framework conditions taken in logarithms are not positive: {', '.join(not_positive)}"
        )
    scaled = np.where(is_log, np.log(np.where(is_log, values, 1.0)), values)
    spread = scaled.std(axis=0, ddof=1)
    if (spread == 0).any():
        constant = [str(name) for name, sd in zip(wide.columns, spread, strict=True) if sd == 0]
        raise ModelError(f"framework conditions do not vary: {', '.join(constant)}")
    weight = n_at_risk / n_at_risk.sum()
    return Conditions(
        names=names,
        level=values,
        country=weight @ values,
        centred=(scaled - weight @ scaled) / spread,
    )


def adjust(
    design: Design, fit: FitResult, within: Expected, conditions: Conditions, level: float
) -> Adjustment:
    """Return what ``conditions`` explain of the practice effects of a ``within`` fit.

    Counts enter the regression as counts, municipalities without grants included. Raises
    :class:`ModelError` when the conditions are linearly dependent.
    """
    try:
        of_counts = partial(
            regress_counts,
            within.practice_effect,
            np.sqrt(np.diag(within.rank_covariance)),
            within.expected,
            conditions.centred,
            level=level,
            covariance=within.rank_covariance,
            knapp_hartung=True,
            counts=within.shown_counts,
        )
        spreads = spreads_of_counts(partial(of_counts, method=METHODS[0]), level)
        main = spreads.fitted
        stages = {METHODS[0]: main.stage}
        for method in METHODS[1:]:
            # Each under the prior it says itself: under another a count that says next to nothing
            # lies anywhere. One at whose spread the counts' mean does not settle is left out.
            with suppress(UnsettledMeanError):
                stages[method] = of_counts(method=method).stage
    except ValueError as error:
        raise ModelError(
            f"framework conditions: {error}",
            expected="grants enough to tell practice from chance in most municipalities",
            next_step="use more years or a larger country, name fewer factors, or leave conditions"
            " out of models.",
        ) from None
    n_units = len(main.estimate)
    x = np.column_stack([np.ones(n_units), conditions.centred])
    precision = np.linalg.inv(main.errors + main.stage.tau2 * np.eye(n_units))
    regression = np.linalg.solve(x.T @ precision @ x, x.T @ precision)
    hat = conditions.centred @ regression[1:]
    gradient, covariance = _parameters(design, fit, within)
    return Adjustment(
        stages=stages,
        tau2_low=spreads.low,
        tau2_high=spreads.high,
        hat=hat,
        explained=hat @ main.estimate,
        gradient=gradient,
        parameter_covariance=covariance,
    )


def expect_given_conditions(
    table: CellTable, design: Design, fit: FitResult, within: Expected, adjustment: Adjustment
) -> Expected:
    """Return expected counts and effects when composition and conditions are taken into account.

    Effects are practice net of what the conditions explain; the common intercept is moved so that
    expected counts still add up to the observed. A direct rate is everybody's under the country's
    conditions and the municipality's practice.
    """
    slopes = slope_log_odds(design, fit)
    explained = adjustment.explained
    cells = slopes[table.pattern] + explained[table.municipality]
    observed = table.observed
    intercept = float(solve_shift(cells, table.n_persons, observed.sum())[0])
    p = expit(intercept + cells)
    expected_cells = table.n_persons * p
    weights = expected_cells * (1 - p)
    expected, variance = table.by_municipality(expected_cells), table.by_municipality(weights)

    # Every quantity is linear in the first stage's parameters, to first order.
    size = len(adjustment.parameter_covariance)
    k = len(fit.coefficients)
    gaps = design.base_columns >= k
    explained_gradient = adjustment.hat @ adjustment.gradient
    slope_part = np.zeros((len(observed), size))
    slope_part[:, :k] = sum_columns_by_municipality(table, design, weights)
    intercept_gradient = -(slope_part.sum(axis=0) + variance @ explained_gradient)
    intercept_gradient[:k] += within.effects.observed_gradient
    intercept_gradient /= variance.sum()

    moved = intercept - within.intercept
    moved_gradient = intercept_gradient.copy()
    moved_gradient[:k] -= within.effects.intercept_gradient
    effect_gradient = adjustment.gradient - explained_gradient - moved_gradient
    covariance = effect_gradient @ adjustment.parameter_covariance @ effect_gradient.T
    covariance = (covariance + covariance.T) / 2
    by_draw = adjustment.tau2 * np.sum(adjustment.hat**2, axis=1)
    effect = within.practice_effect - explained - moved
    published = covariance.copy()
    published[gaps] = np.nan
    published[:, gaps] = np.nan

    log_gradient = slope_part + variance[:, None] * (intercept_gradient + explained_gradient)
    log_gradient /= expected[:, None]
    shared = np.zeros(len(observed))
    shared[~gaps] = log_gradient[~gaps, design.base_columns[~gaps]] / observed[~gaps]
    log_variance = quadratic(log_gradient, adjustment.parameter_covariance) - 2 * shared
    return Expected(
        table=table,
        expected_cells=expected_cells,
        expected=expected,
        ratio_log_variance=log_variance,
        variance=variance,
        practice_effect=effect,
        effect_covariance=published,
        rank_effect=within.rank_effect - explained - moved,
        rank_covariance=covariance,
        superpopulation_se=np.sqrt(np.diag(published) + by_draw),
        log_odds=intercept + slopes,
        intercept=intercept,
        intercept_se=float(
            np.sqrt(intercept_gradient @ adjustment.parameter_covariance @ intercept_gradient)
        ),
        effects=within.effects,
    )


def _parameters(design: Design, fit: FitResult, within: Expected) -> tuple[np.ndarray, np.ndarray]:
    """Return the effects' derivative and the parameters' covariance; see :class:`Adjustment`."""
    k = len(fit.coefficients)
    gaps = np.flatnonzero(design.base_columns >= k)
    size = k + len(gaps)
    covariance = np.zeros((size, size))
    covariance[:k, :k] = fit.covariance
    covariance[range(k, size), range(k, size)] = np.diag(within.rank_covariance)[gaps]
    gradient = np.zeros((len(design.base_columns), size))
    gradient[:, :k] = within.effects.gradient
    # A half-a-grant effect is stated against the common intercept already.
    gradient[gaps, :k] = 0.0
    gradient[gaps, range(k, size)] = 1.0
    return gradient, covariance
