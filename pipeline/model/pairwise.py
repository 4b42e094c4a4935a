"""Which differences between units are decided: simulated studentised maxima with stepdown.

The engine of :mod:`pipeline.model.ranks`; the method is that of Mogstad, Romano, Shaikh & Wilhelm
(2024), with the stepdown of Romano, J. P. & Wolf, M. (2005). Exact and approximate stepdown
methods for multiple hypothesis testing. JASA 100, 94-108.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Singles = NDArray[np.float32]
Flags = NDArray[np.bool_]

#: Draws taken at a time: blocks that stay in the processor's cache.
_BLOCK = 1000


def canonical_order(estimate: Floats, covariance: Floats) -> Integers:
    """Return an order of the units that does not depend on their order in the input."""
    return np.lexsort((covariance.sum(axis=1), np.diag(covariance), estimate))


def difference_variance(covariance: Floats) -> Floats:
    """Return (n, n) variances of pairwise differences, not below 0."""
    variance = np.diag(covariance)
    together = variance[:, None] + variance[None, :]
    difference = together - covariance - covariance.T
    return np.where(difference > 1e-12 * together, difference, 0.0)


def normal_draws(covariance: Floats, draws: int, seed: int) -> Floats:
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


def setting(
    estimate: Floats, covariance: Floats, draws: int, seed: int
) -> tuple[Integers, Floats, Floats, Singles]:
    """Return order, (n, n) studentised differences, 1 / their errors, and (n, draws) draws."""
    order = canonical_order(estimate, covariance)
    y, v = estimate[order], covariance[np.ix_(order, order)]
    error = np.sqrt(difference_variance(v))
    difference = y[:, None] - y[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = np.where(error > 0, 1 / error, 0.0)
        known_exactly = np.where(difference == 0, 0.0, np.sign(difference) * np.inf)
        contrast = np.where(error > 0, difference / error, known_exactly)
    return order, contrast, inverse, normal_draws(v, draws, seed).astype(np.float32)


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


def decided_for(
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


def decided_together(contrast: Floats, inverse_se: Floats, normal: Singles, level: float) -> Flags:
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
