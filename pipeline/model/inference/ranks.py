"""Ranks with their uncertainty: confidence sets, probabilities and expected ranks.

Rank 1 is the **lowest** estimate: the unit that grants fewest relative to expectation. Everything
comes from the estimates and their full joint covariance, so that errors shared through the first
stage cancel in differences as they should.

Draws are made in the order of the estimates, not of the rows: the same units in another order
get the same sets. The same seed gives the same sets on any number of threads.

Mogstad, M., Romano, J. P., Shaikh, A. M. & Wilhelm, D. (2024). Inference for ranks with
applications to mobility across neighbourhoods and academic achievement across countries. Review
of Economic Studies 91, 476-518. Lin, R., Louis, T. A., Paddock, S. M. & Ridgeway, G. (2006). Loss
function based ranking in two-stage, hierarchical models. Bayesian Analysis 1, 915-946.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from pipeline.model.inference.pairwise import (
    canonical_order,
    decided_for,
    decided_together,
    difference_variance,
    largest_differences,
    normal_draws,
    setting,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class RankSets:
    """Confidence sets of the ranks of n units; every array has length n.

    Attributes
    ----------
    rank: 1 + the number of units with a lower estimate; ties share the lowest rank.
    low, high: marginal set: holds this unit's rank with the asked probability.
    low_simultaneous, high_simultaneous: all n sets hold at once with the asked probability.
    """

    rank: Integers
    low: Integers
    high: Integers
    low_simultaneous: Integers
    high_simultaneous: Integers


@dataclass(frozen=True)
class PosteriorRanks:
    """Posterior summaries of the ranks of n units.

    Attributes
    ----------
    expected_rank: (n,) posterior mean rank, exact for a normal posterior.
    p_lowest_k: (n,) probability of being among the k lowest.
    p_quintile: (n, 5) probability of each fifth of the ranking; column 0 is the lowest fifth.
    low, high: (n,) equal-tailed posterior limits of the rank at the asked level. Over many units
        they hold that share of true ranks; a single unit's set by :func:`rank_sets` promises more.
    low_half, high_half: (n,) the same at one half: as likely as not the rank is within.
    is_lower: (n, n) probability that the row's unit lies below the column's, exact.
    """

    expected_rank: Floats
    p_lowest_k: Floats
    p_quintile: Floats
    low: Integers
    high: Integers
    low_half: Integers
    high_half: Integers
    is_lower: Floats


def point_ranks(estimate: ArrayLike) -> Integers:
    """Return 1 + the number of lower estimates (n,); ties share the lowest rank. No nan."""
    y = np.asarray(estimate, dtype=np.float64)
    return 1 + np.searchsorted(np.sort(y), y, side="left").astype(np.int64)


def rank_sets(
    estimate: ArrayLike,
    covariance: ArrayLike,
    level: float = 0.95,
    draws: int = 20_000,
    seed: int = 1,
) -> RankSets:
    """Return marginal and simultaneous rank confidence sets of n units.

    ``estimate`` (n,), ``covariance`` (n, n) or standard errors (n,) of independent units. "i above
    j" is decided when their difference exceeds the simulated quantile of the largest studentised
    difference, over a unit's own ordered pairs (marginal) or all (simultaneous); the quantile is
    found again over the pairs still open until nothing changes (stepdown). A unit's set runs from
    1 + the units decidedly below it to n - the units decidedly above it. Use at least 20,000
    draws.

    An estimate of minus infinity (no event seen) ranks lowest and is decided against no one: its
    set is 1..n whatever its covariance. Raises :class:`ValueError` for nan, a wrong shape or a
    covariance that is not positive semi-definite.
    """
    y, v = _checked(estimate, covariance)
    n = len(y)
    known = np.isfinite(y)
    rank = point_ranks(y)
    sets = {name: np.ones(n, dtype=np.int64) for name in ("marginal", "simultaneous")}
    tops = {name: np.full(n, n, dtype=np.int64) for name in sets}
    if known.sum() > 1:
        order, contrast, inverse_se, normal = setting(
            y[known], v[np.ix_(known, known)], draws, seed
        )
        where = np.flatnonzero(known)[order]
        largest = largest_differences(inverse_se, normal)
        together = decided_together(contrast, inverse_se, normal, level, largest.max(axis=0))
        sets["simultaneous"][where] = 1 + together.sum(axis=1)
        tops["simultaneous"][where] = n - together.sum(axis=0)
        for i, unit in enumerate(where):
            lower, higher = decided_for(i, contrast, inverse_se, normal, level, largest[i])
            sets["marginal"][unit] = 1 + lower.sum()
            tops["marginal"][unit] = n - higher.sum()
    return RankSets(
        rank, sets["marginal"], tops["marginal"], sets["simultaneous"], tops["simultaneous"]
    )


def posterior_ranks(
    mean: ArrayLike,
    covariance: ArrayLike,
    draws: int = 20_000,
    seed: int = 1,
    k: int = 10,
    level: float = 0.95,
) -> PosteriorRanks:
    """Return expected ranks, rank probabilities and limits of a normal posterior of n units.

    ``mean`` (n,) finite, ``covariance`` (n, n) or posterior standard errors (n,). Expected ranks
    are exact: 1/2 + the sum over units of P(theirs is lower); the probabilities come from draws.
    A rank r belongs to fifth ceil(5 r / n). Raises :class:`ValueError`.
    """
    y, v = _checked(mean, covariance)
    if not np.all(np.isfinite(y)):
        raise ValueError("posterior means must be finite")
    n = len(y)
    spread = np.sqrt(difference_variance(v))
    difference = y[:, None] - y[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.where(spread > 0, difference / spread, np.sign(difference) * np.inf)
    is_higher = special.ndtr(np.where(difference == 0, 0.0, score))
    expected = 0.5 + is_higher.sum(axis=1)

    order = canonical_order(y, v)
    drawn = y[order][:, None] + normal_draws(v[np.ix_(order, order)], draws, seed)
    place = np.empty((n, draws), dtype=np.int64)
    np.put_along_axis(place, np.argsort(drawn, axis=0, kind="stable"), np.arange(n)[:, None], 0)
    fifth = (5 * (place + 1) + n - 1) // n - 1
    p_lowest, p_quintile = np.empty(n), np.empty((n, 5))
    p_lowest[order] = np.mean(place < k, axis=1)
    p_quintile[order] = np.stack([np.mean(fifth == q, axis=1) for q in range(5)], axis=1)
    ends = np.empty((4, n), dtype=np.int64)
    tails = [(1 - level) / 2, (1 + level) / 2, 0.25, 0.75]
    ends[:, order] = 1 + np.quantile(place, tails, axis=1, method="inverted_cdf")
    low, high, low_half, high_half = ends
    return PosteriorRanks(
        expected, p_lowest, p_quintile, low, high, low_half, high_half, is_higher.T
    )


def _checked(estimate: ArrayLike, covariance: ArrayLike) -> tuple[Floats, Floats]:
    """Return the estimates and their covariance matrix, or raise :class:`ValueError`."""
    y, v = np.asarray(estimate, dtype=np.float64), np.asarray(covariance, dtype=np.float64)
    if y.ndim != 1 or np.any(np.isnan(y)) or np.any(y == np.inf):
        raise ValueError("estimates must be a vector without nan or plus infinity")
    if v.shape == y.shape:
        v = np.diag(v**2)
    if v.shape != (len(y), len(y)):
        raise ValueError(f"{len(y)} estimates, but the covariance has shape {v.shape}")
    known = np.isfinite(y)
    inside = v[np.ix_(known, known)]
    if not np.all(np.isfinite(inside)) or np.any(np.diag(inside) < 0):
        raise ValueError("the covariance has missing values or negative variances")
    return y, v
