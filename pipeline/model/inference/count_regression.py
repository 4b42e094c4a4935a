"""The second stage on counts: tau2 and the regression of unit effects where units may be small.

Effects are logs of ratios of Poisson counts to expected ones. Each count enters as its normal
equivalent under the prior N(X b, tau2) (:mod:`pipeline.model.inference.count_likelihood`); the
regression of those gives a new prior, and so on until b and tau2 stand still. A unit without
events takes part as what it is. With a normal error around the log of a count, half an event
added, tau2 of units that expect three is half of what it is.

Errors that units share through the first stage come in as a covariance; they are scaled with each
unit's equivalent variance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg, optimize, stats

from pipeline.errors import ModelError
from pipeline.model.inference.between_variance import (
    Rotated,
    design_matrix,
    effects_known,
    estimate_tau2,
    regular_errors,
    tau2_surplus,
)
from pipeline.model.inference.count_likelihood import effect_likelihood
from pipeline.model.inference.second_stage import SecondStage, fit_second_stage
from pipeline.model.numerics.normal_mixture import spread_grid, spread_limits
from pipeline.model.numerics.shown_counts import ShownCounts

Floats = NDArray[np.float64]

#: Rounds of fitting the prior's mean and the counts' normal equivalents, and when to stop.
_MOST_ROUNDS = 500
_TOLERANCE = 1e-11
#: By a small tau2, what a normal equivalent's estimate is off by rounding: little is left of it.
_ROUNDING = 1e-14
#: Variance of effects (squared log odds) beyond which counts cannot tell one spread from another:
#: ratios of 1 to 400 between two units of ten.
LARGEST_TAU2 = 9.0
#: Difference of two estimates of tau2, against 1 + tau2, that is rounding.
_SAME_TAU2 = 1e-9
#: Largest step of a unit's prior mean in one round, log odds.
_LARGEST_STEP = 1.0
#: Share of the step before that a step may have left to be taken whole, and the smallest part.
_LEAST_GAIN, _LEAST_PART = 0.9, 0.1
#: No spread at all, where a density of it is asked for.
_LEAST_TAU2 = 1e-10


#: Spreads that counts are held against: how many, up to how many times the estimate and at least;
#: then on until the log likelihood is this far below its largest.
_GRID, _FIRST_LAST, _LEAST_LAST, _NEGLIGIBLE = 11, 2.0, 0.05, 8.0


class UnsettledMeanError(ModelError):
    """The mean of shrunken counts goes on moving: nothing can be said at this spread."""


@dataclass(frozen=True)
class CountRegression:
    """The regression of n unit effects on columns, each count as its normal equivalent.

    Attributes
    ----------
    estimate, variance: (n,) normal equivalents of the counts under the prior fitted.
    errors: (n, n) covariance of ``estimate`` around the true effects.
    stage: the regression of ``estimate``; its fitted values are the prior's means.
    log_evidence: log of the mean likelihood of all counts under the prior, errors independent; up
        to a constant of the counts.
    restricted_evidence: the same with the regression integrated out, as in restricted likelihood.
    """

    estimate: Floats
    variance: Floats
    errors: Floats
    stage: SecondStage
    log_evidence: float
    restricted_evidence: float


@dataclass(frozen=True)
class SpreadsOfCounts:
    """What counts say of tau2: the regression at its estimate, and its likelihood.

    ``grid`` (k,) are spreads from 0 on, fine below ``middle``; ``at`` the k regressions there, none
    where the counts' mean does not settle; ``evidence`` (k,) the restricted log likelihood, minus
    infinity where there is none; ``low`` and ``high`` the limits of tau2.
    """

    fitted: CountRegression
    grid: Floats
    middle: float
    at: tuple[CountRegression | None, ...]
    evidence: Floats
    low: float
    high: float


def spreads_of_counts(
    fit: Callable[..., CountRegression], level: float, tau2: float | None = None
) -> SpreadsOfCounts:
    """Return what counts say of their spread; ``fit`` gives the regression at a ``tau2``.

    The limits of tau2 are where twice the restricted log likelihood lies a chi-squared quantile of
    one degree of freedom below its largest: 0 or :data:`LARGEST_TAU2` where it never does. A Q
    statistic of the normal equivalents will not do: that of a count which says next to nothing lies
    anywhere. Spreads at which the counts' mean does not settle, as a wide one may not in a tiny
    country, have no likelihood. Hardy, R. J. & Thompson, S. G. (1996), Statistics in Medicine 15,
    619-629.
    """
    fitted = fit(tau2=tau2)
    spread, largest = float(np.sqrt(fitted.stage.tau2)), float(np.sqrt(LARGEST_TAU2))

    @cache
    def settled(of: float) -> CountRegression | None:
        try:
            return fit(tau2=of**2)
        except UnsettledMeanError:
            return None

    def evidence(one: CountRegression | None) -> float:
        return -np.inf if one is None else one.restricted_evidence

    best, drop = fitted.restricted_evidence, float(stats.chi2.ppf(level, 1)) / 2
    last = max(_FIRST_LAST * spread, _LEAST_LAST)
    while last < largest and evidence(settled(last)) > best - _NEGLIGIBLE:
        last *= 1.5
    middle = max(spread, last / 10)
    grid = spread_grid(0.0, min(last, largest), middle, _GRID)
    at = tuple(settled(of) for of in grid.tolist())
    values = np.array([evidence(one) for one in at])
    highest = float(values.max())
    top = spread if best >= highest else float(grid[values.argmax()])
    floor = max(best, highest) - drop
    low, high = spread_limits(
        lambda of: max(evidence(settled(of)) - floor, -_NEGLIGIBLE), grid, values - floor, top
    )
    limits = min(low, spread) ** 2, min(max(high, spread), largest) ** 2
    return SpreadsOfCounts(fitted, grid, middle, at, values, *limits)


def regress_counts(
    effect: ArrayLike,
    se: ArrayLike,
    expected: ArrayLike,
    covariates: ArrayLike | None = None,
    method: str = "REML",
    level: float = 0.95,
    *,
    covariance: ArrayLike | None = None,
    tau2: float | None = None,
    knapp_hartung: bool = False,
    counts: ShownCounts | None = None,
) -> CountRegression:
    """Return the regression of effects (n,) on ``covariates`` (n, p), every count as such.

    An effect or standard error that is not finite, or a standard error of 0, is a unit without
    events of its ``expected`` (n,). ``method`` is the estimator of tau2, ``tau2`` given is used
    instead; ``covariance`` (n, n) is that of the first stage's errors, else they are independent;
    limits of the coefficients as :func:`fit_second_stage`; ``counts`` are those behind the effects
    where they are shown with noise, whose share in ``se`` is then not taken to be normal. Raises
    :class:`ValueError` for expected counts not above 0, too few units, dependent covariates;
    :class:`ModelError` for a mean that does not settle.
    """
    y, own, known = effects_known(effect, se)
    joint = regular_errors(own, known, covariance)
    likelihood = effect_likelihood(np.where(known, y, np.nan), own, expected, counts)
    columns = design_matrix(len(y), covariates)
    mean = np.zeros(len(y))

    def settle(spread: float) -> tuple[Floats, Floats, Floats]:
        """Return what the counts say under tau2 = ``spread``, once the mean stands still."""
        nonlocal mean
        part, before = 1.0, np.inf
        for _ in range(_MOST_ROUNDS):
            estimate, variance = likelihood.normal_equivalent(mean, spread)
            errors = _scaled(joint, variance / own)
            step = _fitted(estimate, errors, spread, columns) - mean
            furthest = np.abs(step).max()
            # Far from where counts lie their expansion overshoots, and the next one more so; and
            # steps that do not become shorter go to and fro.
            if furthest > _LEAST_GAIN * before:
                part = max(part / 2, _LEAST_PART)
            before = furthest
            mean = mean + step * min(part, _LARGEST_STEP / max(furthest, _LARGEST_STEP))
            if furthest < _TOLERANCE + _ROUNDING / max(spread, _LEAST_TAU2):
                return estimate, variance, errors
        raise UnsettledMeanError(
            f"the mean of shrunken counts does not settle in {_MOST_ROUNDS} rounds: too few grants "
            "to tell the spread between municipalities from chance.",
            next_step="take more years into the benchmark, or leave the outcome out.",
        )

    def gain(spread: float) -> float:
        estimate, _, errors = settle(spread)
        return estimate_tau2(estimate, None, covariates, method, covariance=errors) - spread

    def surplus(spread: float) -> float:
        estimate, _, errors = settle(spread)
        return tau2_surplus(
            Rotated.of(estimate, columns, errors), spread, restricted=method == "REML"
        )

    def best() -> float:
        # Where the likelihood of tau2 has one hump its slope is enough; one that has more is
        # searched as a whole at every step.
        if method in ("ML", "REML"):
            spread = _root_above_zero(surplus, first=float(np.var(np.where(known, y, 0.0))))
            if abs(gain(spread)) <= _SAME_TAU2 * (1 + spread):
                return spread
        return _root_above_zero(gain)

    spread = tau2 if tau2 is not None else best()
    estimate, variance, errors = settle(spread)
    stage = fit_second_stage(
        estimate,
        None,
        covariates,
        method,
        level,
        covariance=errors,
        knapp_hartung=knapp_hartung,
        tau2=spread,
    )
    evidence = float(likelihood.evidence(stage.fitted, max(spread, _LEAST_TAU2))[0].sum())
    # Not from the coefficients' covariance: Knapp and Hartung's has a scale of its own.
    information = columns.T @ np.linalg.solve(errors + spread * np.eye(len(y)), columns)
    restricted = evidence - float(np.linalg.slogdet(information)[1]) / 2
    return CountRegression(estimate, variance, errors, stage, evidence, restricted)


def _scaled(joint: Floats, share: Floats) -> Floats:
    """Return the errors ``joint`` (n, n) where each unit's variance is ``share`` (n,) of its own.

    What shrinks takes the shared part along. What grows is the unit's own doubt about its count:
    shared errors that grew with it would let a count that says next to nothing pull all others.
    """
    scale = np.sqrt(np.minimum(share, 1.0))
    own = np.diag(joint) * np.maximum(share - 1.0, 0.0)
    return np.asarray(joint * np.outer(scale, scale) + np.diag(own), dtype=np.float64)


def _fitted(estimate: Floats, errors: Floats, tau2: float, columns: Floats) -> Floats:
    """Return the fitted values (n,) of the generalised least squares of ``estimate``.

    Raises :class:`ValueError` for errors that are not positive definite.
    """
    try:
        factor = linalg.cholesky(errors + tau2 * np.eye(len(estimate)), lower=True)
    except linalg.LinAlgError:
        raise ValueError("the covariance of the errors is not positive definite") from None
    both = np.column_stack([columns, estimate])
    x, y = np.split(linalg.solve_triangular(factor, both, lower=True), [-1], axis=1)
    return np.asarray(columns @ np.linalg.lstsq(x, y[:, 0])[0], dtype=np.float64)


def _root_above_zero(gain: Callable[[float], float], first: float | None = None) -> float:
    """Return where ``gain`` falls to 0: 0 if it is not positive there, else up to LARGEST_TAU2.

    ``first`` is where it may already be below 0, twice the gain at 0 if left out.

    Where nearly all units are without events and the noise of protected counts makes the others
    many, no spread is large enough: :data:`LARGEST_TAU2` is returned, which shrinks hardly.
    """
    at_zero = gain(0.0)
    if at_zero <= 0:
        return 0.0
    top = min(first or 2 * at_zero, LARGEST_TAU2)
    while gain(top) > 0:
        if top >= LARGEST_TAU2:
            return LARGEST_TAU2
        top = min(2 * top, LARGEST_TAU2)
    return float(optimize.brentq(gain, 0.0, top, xtol=_TOLERANCE, rtol=1e-12))
