"""Which differences between units are decided: simulated studentised maxima with stepdown.

The engine of :mod:`pipeline.model.inference.ranks`; the method is that of Mogstad, Romano, Shaikh &
Wilhelm (2024), with the stepdown of Romano, J. P. & Wolf, M. (2005). Exact and approximate stepdown
methods for multiple hypothesis testing. JASA 100, 94-108.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Singles = NDArray[np.float32]
Flags = NDArray[np.bool_]

#: Numbers worked on at a time: a few arrays of them stay in the processor's cache.
_BLOCK_NUMBERS = 131_072
_SMALLEST_BLOCK = 128
#: Draws looked at again in a later step, in tails of 1 - level.
_LOOKED_AT = 2.5


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


def largest_differences(inverse_se: Floats, normal: Singles) -> Singles:
    """Return (n, draws) the largest studentised difference of each unit from any other.

    Every pair is looked at once, for both of its units.
    """
    n, draws = normal.shape
    scale = inverse_se.astype(np.float32)
    largest = np.zeros((n, draws), dtype=np.float32)
    block = _block(n)
    for start in range(0, draws, block):
        part = slice(start, start + block)
        drawn, top = normal[:, part].copy(), largest[:, part].copy()
        work = np.empty_like(drawn)
        for i in range(n - 1):
            difference = np.subtract(drawn[i + 1 :], drawn[i], out=work[i + 1 :])
            np.abs(difference, out=difference)
            difference *= scale[i, i + 1 :, None]
            np.maximum(top[i], difference.max(axis=0), out=top[i])
            np.maximum(top[i + 1 :], difference, out=top[i + 1 :])
        largest[:, part] = top
    return largest


def decided_for(
    i: int, contrast: Floats, inverse_se: Floats, normal: Singles, level: float, largest: Singles
) -> tuple[Flags, Flags]:
    """Return (n,) which units are decidedly below unit i, and which above, by its own pairs.

    ``largest`` (draws) are unit i's largest differences over all its pairs.
    """
    below, above = contrast[i] == np.inf, contrast[:, i] == np.inf
    other = np.arange(len(contrast)) != i
    critical = float(np.quantile(largest, level))
    while True:
        new_below = other & ~below & (contrast[i] > critical)
        new_above = other & ~above & (contrast[:, i] > critical)
        if not (new_below.any() or new_above.any()):
            return below, above
        below |= new_below
        above |= new_above
        open_below, open_above = other & ~below, other & ~above
        if not (open_below.any() or open_above.any()):
            return below, above

        def remaining(drawn: Singles, up: Flags = open_below, down: Flags = open_above) -> Singles:
            largest_left = np.full(drawn.shape[1], -np.inf, dtype=np.float32)
            _raise_largest(i, up, down, inverse_se, drawn, largest_left)
            return largest_left

        critical, largest = _lowered_quantile(largest, level, normal, remaining)


def decided_together(
    contrast: Floats, inverse_se: Floats, normal: Singles, level: float, largest: Singles
) -> Flags:
    """Return (n, n) which "i above j" are decided by all open ordered pairs together.

    ``largest`` (draws) are the largest differences over all pairs.
    """
    n = len(contrast)
    decided = contrast == np.inf
    later = np.triu(np.ones((n, n), dtype=bool), 1)
    critical = float(np.quantile(largest, level))
    while True:
        open_ = ~decided & (later | later.T)
        new = open_ & (contrast > critical)
        if not new.any():
            return decided
        decided |= new
        open_ &= ~new

        def remaining(drawn: Singles, still: Flags = open_) -> Singles:
            largest_left = np.full(drawn.shape[1], -np.inf, dtype=np.float32)
            for i in range(n - 1):
                up, down = still[i] & later[i], still[:, i] & later[i]
                if up.any() or down.any():
                    _raise_largest(i, up, down, inverse_se, drawn, largest_left)
            return largest_left

        critical, largest = _lowered_quantile(largest, level, normal, remaining)


def _lowered_quantile(
    largest: Singles, level: float, normal: Singles, remaining: Callable[[Singles], Singles]
) -> tuple[float, Singles]:
    """Return the exact quantile of the largest differences over fewer pairs, and those found.

    Over fewer pairs no draw's largest difference grows, so only draws near or above the quantile
    need another look: the others stay below it. What is returned for them is the old value, which
    still bounds them from above.
    """
    share = _LOOKED_AT * (1 - level)
    while True:
        bound = float(np.quantile(largest, 1 - share)) if share < 1 else -np.inf
        again = np.flatnonzero(largest > bound)
        lowered = largest.copy()
        lowered[again] = remaining(np.take(normal, again, axis=1))
        if share >= 1 or np.quantile(lowered, level, method="lower") >= bound:
            return float(np.quantile(lowered, level)), lowered
        share *= 2


def _raise_largest(
    i: int, above: Flags, below: Flags, inverse_se: Floats, normal: Singles, largest: Singles
) -> None:
    """Raise ``largest`` (draws) to the studentised differences of unit i with its open pairs.

    ``above`` (n,) marks j where "i above j" is open, ``below`` where "j above i" is.
    """
    open_ = np.flatnonzero(above | below)
    # A pair open one way only counts with its sign, one open both ways with either.
    sign = np.where(above[open_], 1.0, -1.0)
    scale = (inverse_se[i, open_] * sign).astype(np.float32)[:, None]
    either = np.flatnonzero((above & below)[open_])
    block = _block(len(open_))
    for start in range(0, len(largest), block):
        part = slice(start, start + block)
        difference = normal[:, part][open_]
        np.subtract(normal[i, part], difference, out=difference)
        difference *= scale
        largest_now = difference.max(axis=0)
        if len(either):
            np.maximum(largest_now, -difference[either].min(axis=0), out=largest_now)
        np.maximum(largest[part], largest_now, out=largest[part])


def _block(n: int) -> int:
    """Return how many draws of ``n`` units to take at a time."""
    return max(_SMALLEST_BLOCK, _BLOCK_NUMBERS // max(n, 1))
