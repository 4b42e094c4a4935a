"""Practice by level: observed and expected counts of units by level to shrunken effects.

Counts are Poisson, log ratios normal with the prior of :mod:`pipeline.model.levels.prior`; its
parameters maximise the counts' evidence times their own prior
(:mod:`pipeline.model.levels.evidence`). A count that is not
shown says nothing; its unit is drawn to what its other levels say. A count with noise has the
likelihood of the counts that may stand behind it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.model.levels.evidence import best_parameters, settle
from pipeline.model.levels.prior import Parameters, around_mean, log_prior
from pipeline.model.levels.sites import Counts, first_sites
from pipeline.model.numerics.shown_counts import EXACT, Transitions

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LevelFit:
    """Shrunken log ratios of M units at L levels.

    Attributes
    ----------
    effect, effect_se
        (M, L) posterior means of the log of actual over expected, and their errors: those of the
        levels' means and, to first order, of the variances included.
    deviation, deviation_se
        (M, L) the effect less the unit's mean over its levels, weighted by expected counts.
    covariance
        (M, L, L) joint posterior of a unit's effects.
    mean, mean_covariance
        (L,) the levels' means over units, and their covariance.
    parameters, parameter_covariance
        Estimated variances and loadings, and the (P, P) covariance of ``Parameters.vector``.
    shares
        (L,) the levels' shares of all expected counts.
    """

    effect: Floats
    effect_se: Floats
    deviation: Floats
    deviation_se: Floats
    covariance: Floats
    mean: Floats
    mean_covariance: Floats
    parameters: Parameters
    parameter_covariance: Floats
    shares: Floats


def fit_levels(
    observed: ArrayLike,
    expected: ArrayLike,
    transitions: Transitions = EXACT,
    *,
    tau2: float | None = None,
    start: Parameters | None = None,
    parameters: Parameters | None = None,
) -> LevelFit:
    """Return the shrunken effects of ``observed`` against ``expected`` counts, both (M, L).

    Missing (nan) counts are unknown; a cell that expects nothing says nothing. ``transitions``
    say what noise made of the counts, which are whole numbers then. ``tau2`` is the variance of the
    units' effects where it is known from elsewhere; else it is estimated. ``start`` only saves
    time; ``parameters`` that are known are kept, and only counts are fitted.

    Raises :class:`ValueError` for wrong shapes, negative expected counts, fewer than two levels, or
    a level without any known and expected count, and :class:`NotSettledError`, which is one, where
    no variances can be found.
    """
    counts, shares = _checked(observed, expected, transitions)
    n_levels = counts.observed.shape[1]
    if parameters is None:
        first = start or Parameters.first(n_levels, None)
        if tau2 is not None:
            unit = Parameters.first(n_levels, tau2).vector[:1]
            first = Parameters(np.concatenate([unit, first.vector[1:]]))
        parameters, there = best_parameters(counts, shares, first, is_tau2_known=tau2 is not None)
    else:
        there = settle(counts, parameters, shares, first_sites(counts))
    likelihood = there.likelihood
    effect = likelihood.centre()
    information = likelihood.information() + log_prior(parameters)[2]
    parameter_covariance = np.asarray(np.linalg.inv(information), dtype=np.float64)
    slopes = likelihood.effect_slopes()
    by_parameters = np.einsum(
        "pml,pq,qmk->mlk", slopes, parameter_covariance, slopes, optimize=True
    )
    whole = likelihood.posterior_covariance() + by_parameters
    centre = np.eye(n_levels) - np.ones((n_levels, 1)) * shares[:, None, :]
    return LevelFit(
        effect=effect,
        effect_se=_root_diagonal(whole),
        deviation=around_mean(effect, shares),
        deviation_se=_root_diagonal(centre @ whole @ centre.transpose(0, 2, 1)),
        covariance=whole,
        mean=likelihood.mean,
        mean_covariance=likelihood.mean_covariance,
        parameters=parameters,
        parameter_covariance=parameter_covariance,
        shares=_level_shares(np.asarray(expected, dtype=np.float64)),
    )


def _level_shares(expected: Floats) -> Floats:
    total = expected.sum(axis=0)
    return np.asarray(total / total.sum())


def _checked(
    observed: ArrayLike, expected: ArrayLike, transitions: Transitions
) -> tuple[Counts, Floats]:
    """Return the counts, and (M, L) each unit's shares of its expected counts."""
    o, e = np.asarray(observed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    if o.shape != e.shape or o.ndim != 2 or o.shape[1] < 2:
        raise ValueError("observed and expected must be units by at least two levels")
    if not (np.isfinite(e).all() and (e >= 0).all()):
        raise ValueError("expected counts must be known and not negative")
    known = np.isfinite(o) & (e > 0)
    if not known.any(axis=0).all():
        raise ValueError("a level has no known count in any unit")
    total = e.sum(axis=1, keepdims=True)
    shares = np.where(total > 0, e / np.where(total > 0, total, 1.0), _level_shares(e))
    counts = Counts(
        observed=np.where(known, np.maximum(np.where(known, o, 0.0), 0.0), 0.0),
        expected=e,
        known=known,
        transitions=transitions,
    )
    return counts, shares


def _root_diagonal(matrices: Floats) -> Floats:
    return np.sqrt(np.maximum(np.diagonal(matrices, axis1=1, axis2=2), 0.0))
