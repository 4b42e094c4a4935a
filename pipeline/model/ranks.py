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

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Singles = NDArray[np.float32]
Flags = NDArray[np.bool_]

_BLOCK = 1000


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
    """

    expected_rank: Floats
    p_lowest_k: Floats
    p_quintile: Floats


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
        order, contrast, inverse_se, normal = _setting(
            y[known], v[np.ix_(known, known)], draws, seed
        )
        where = np.flatnonzero(known)[order]
        together = _decided_together(contrast, inverse_se, normal, level)
        sets["simultaneous"][where] = 1 + together.sum(axis=1)
        tops["simultaneous"][where] = n - together.sum(axis=0)
        for i, unit in enumerate(where):
            lower, higher = _decided_for(i, contrast, inverse_se, normal, level)
            sets["marginal"][unit] = 1 + lower.sum()
            tops["marginal"][unit] = n - higher.sum()
    return RankSets(
        rank, sets["marginal"], tops["marginal"], sets["simultaneous"], tops["simultaneous"]
    )


def lowest_k_set(
    estimate: ArrayLike,
    covariance: ArrayLike,
    level: float = 0.95,
    draws: int = 20_000,
    seed: int = 1,
    k: int = 10,
) -> NDArray[np.bool_]:
    """Return (n,) which units may be among the k lowest: it holds them all at ``level``.

    A unit is left out when at least k units are decidedly below it, that is when its simultaneous
    set begins above k. Shapes and errors as :func:`rank_sets`, whose ``low_simultaneous <= k``
    says the same.
    """
    return rank_sets(estimate, covariance, level, draws, seed).low_simultaneous <= k


def posterior_ranks(
    mean: ArrayLike,
    covariance: ArrayLike,
    draws: int = 20_000,
    seed: int = 1,
    k: int = 10,
) -> PosteriorRanks:
    """Return expected ranks and rank probabilities of a normal posterior of n units.

    ``mean`` (n,) finite, ``covariance`` (n, n) or posterior standard errors (n,). Expected ranks
    are exact: 1/2 + the sum over units of P(theirs is lower); the probabilities come from draws.
    A rank r belongs to fifth ceil(5 r / n). Raises :class:`ValueError`.
    """
    y, v = _checked(mean, covariance)
    if not np.all(np.isfinite(y)):
        raise ValueError("posterior means must be finite")
    n = len(y)
    spread = np.sqrt(_difference_variance(v))
    difference = y[:, None] - y[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.where(spread > 0, difference / spread, np.sign(difference) * np.inf)
    expected = 0.5 + special.ndtr(np.where(difference == 0, 0.0, score)).sum(axis=1)

    order = _canonical_order(y, v)
    drawn = y[order][:, None] + _draws(v[np.ix_(order, order)], draws, seed)
    place = np.empty((n, draws), dtype=np.int64)
    np.put_along_axis(place, np.argsort(drawn, axis=0, kind="stable"), np.arange(n)[:, None], 0)
    fifth = (5 * (place + 1) + n - 1) // n - 1
    p_lowest, p_quintile = np.empty(n), np.empty((n, 5))
    p_lowest[order] = np.mean(place < k, axis=1)
    p_quintile[order] = np.stack([np.mean(fifth == q, axis=1) for q in range(5)], axis=1)
    return PosteriorRanks(expected, p_lowest, p_quintile)


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


def _canonical_order(estimate: Floats, covariance: Floats) -> Integers:
    """Return an order of the units that does not depend on their order in the input."""
    return np.lexsort((covariance.sum(axis=1), np.diag(covariance), estimate))


def _difference_variance(covariance: Floats) -> Floats:
    """Return (n, n) variances of pairwise differences, not below 0."""
    variance = np.diag(covariance)
    together = variance[:, None] + variance[None, :]
    difference = together - covariance - covariance.T
    return np.where(difference > 1e-12 * together, difference, 0.0)


def _draws(covariance: Floats, draws: int, seed: int) -> Floats:
    """Return (n, draws) centred normal draws; a singular covariance gets a ridge of 1e-9."""
    n = len(covariance)
    normal = np.random.default_rng(seed).standard_normal((draws, n)).T
    scale = float(np.mean(np.diag(covariance)))
    if scale == 0.0:
        return np.zeros((n, draws))
    for ridge in (0.0, 1e-9):
        try:
            root = np.linalg.cholesky(covariance + ridge * scale * np.eye(n))
        except np.linalg.LinAlgError:
            continue
        return root @ normal
    raise ValueError("the covariance is not positive semi-definite")


def _setting(
    estimate: Floats, covariance: Floats, draws: int, seed: int
) -> tuple[Integers, Floats, Floats, Singles]:
    """Return order, (n, n) studentised differences, 1 / their errors, and (n, draws) draws."""
    order = _canonical_order(estimate, covariance)
    y, v = estimate[order], covariance[np.ix_(order, order)]
    error = np.sqrt(_difference_variance(v))
    difference = y[:, None] - y[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = np.where(error > 0, 1 / error, 0.0)
        known_exactly = np.where(difference == 0, 0.0, np.sign(difference) * np.inf)
        contrast = np.where(error > 0, difference / error, known_exactly)
    return order, contrast, inverse, _draws(v, draws, seed).astype(np.float32)


def _largest(
    i: int, above: Flags, below: Flags, inverse_se: Floats, normal: Singles, largest: Singles
) -> None:
    """Raise ``largest`` (draws) to the studentised differences of unit i with its open pairs.

    ``above`` (n,) marks j where "i above j" is open, ``below`` where "j above i" is.
    """
    open_ = np.flatnonzero(above | below)
    scale = inverse_se[i, open_, None].astype(np.float32)
    both = np.array_equal(above, below)
    for start in range(0, len(largest), _BLOCK):  # blocks that stay in the processor's cache
        part = slice(start, start + _BLOCK)
        difference = normal[open_, part]
        np.subtract(normal[i, part], difference, out=difference)
        difference *= scale
        if both:
            np.abs(difference, out=difference)
            np.maximum(largest[part], difference.max(axis=0), out=largest[part])
            continue
        if above.any():
            highest = difference[above[open_]].max(axis=0)
            np.maximum(largest[part], highest, out=largest[part])
        if below.any():
            lowest = difference[below[open_]].min(axis=0)
            np.maximum(largest[part], -lowest, out=largest[part])


def _decided_for(
    i: int, contrast: Floats, inverse_se: Floats, normal: Singles, level: float
) -> tuple[Flags, Flags]:
    """Return (n,) which units are decidedly below unit i, and which above, by its own pairs."""
    below, above = contrast[i] == np.inf, contrast[:, i] == np.inf
    other = np.arange(len(contrast)) != i
    while True:
        open_below, open_above = other & ~below, other & ~above
        if not (open_below.any() or open_above.any()):
            return below, above
        largest = np.full(normal.shape[1], -np.inf, dtype=np.float32)
        _largest(i, open_below, open_above, inverse_se, normal, largest)
        critical = np.quantile(largest, level)
        new_below = open_below & (contrast[i] > critical)
        new_above = open_above & (contrast[:, i] > critical)
        if not (new_below.any() or new_above.any()):
            return below, above
        below |= new_below
        above |= new_above


def _decided_together(contrast: Floats, inverse_se: Floats, normal: Singles, level: float) -> Flags:
    """Return (n, n) which "i above j" are decided by all open ordered pairs together."""
    n = len(contrast)
    decided = contrast == np.inf
    later = np.triu(np.ones((n, n), dtype=bool), 1)
    while True:
        open_ = ~decided & (later | later.T)
        largest = np.full(normal.shape[1], -np.inf, dtype=np.float32)
        for i in range(n - 1):
            above, below = open_[i] & later[i], open_[:, i] & later[i]
            if above.any() or below.any():
                _largest(i, above, below, inverse_se, normal, largest)
        new = open_ & (contrast > np.quantile(largest, level))
        if not new.any():
            return decided
        decided |= new
