"""Rank confidence sets of the shares of a multinomial: exact, for any counts.

Which of two categories is the larger is told by their counts alone: given the two together, one of
them is binomial with probability 1/2 if the shares are equal. Holm's stepdown over all pairs makes
the decisions hold together.

Bazylik, S., Mogstad, M., Romano, J. P., Shaikh, A. M. & Wilhelm, D. (2021). Finite- and
large-sample inference for ranks using multinomial data with an application to ranking political
parties. NBER Working Paper 29519. Holm, S. (1979). A simple sequentially rejective multiple test
procedure. Scandinavian J. Statistics 6, 65-70.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from pipeline.model.inference.ranks import point_ranks

Integers = NDArray[np.int64]


def multinomial_rank_sets(
    counts: ArrayLike, level: float = 0.95, *, simultaneous: bool = True
) -> tuple[Integers, Integers, Integers]:
    """Return ``(rank, low, high)`` of n categories by their counts (n,); rank 1 is the lowest.

    Ties share the lowest rank. All sets hold at once with probability ``level`` at least, or each
    alone without ``simultaneous``. Raises :class:`ValueError` for counts that are no counts.
    """
    x = np.asarray(counts, dtype=np.float64)
    if x.ndim != 1 or not np.all(np.isfinite(x)) or np.any((x < 0) | (x % 1 != 0)):
        raise ValueError("counts must be a vector of whole numbers, none negative")
    n = len(x)
    # p-value of "i is not larger than j" in row i, column j; no count at all decides nothing.
    together = x[:, None] + x[None, :]
    p = np.asarray(stats.binom.sf(x[:, None] - 1, together, 0.5), dtype=np.float64)
    np.fill_diagonal(p, 1.0)
    if simultaneous:
        larger = _holm(p.ravel(), n * (n - 1), 1 - level).reshape(n, n)
        return point_ranks(x), 1 + larger.sum(axis=1), n - larger.sum(axis=0)
    low, high = np.ones(n, dtype=np.int64), np.full(n, n, dtype=np.int64)
    for i in range(n):
        own = np.concatenate([p[i], p[:, i]])
        decided = _holm(own, 2 * (n - 1), 1 - level)
        low[i] += decided[:n].sum()
        high[i] -= decided[n:].sum()
    return point_ranks(x), low, high


def _holm(p: NDArray[np.float64], n_tests: int, alpha: float) -> NDArray[np.bool_]:
    """Return which of ``p`` are rejected; only the ``n_tests`` smallest are tests at all."""
    order = np.argsort(p, kind="stable")[:n_tests]
    passes = p[order] <= alpha / np.arange(n_tests, 0, -1)
    rejected = np.zeros(len(p), dtype=bool)
    rejected[order[: int(np.argmin(passes)) if not passes.all() else n_tests]] = True
    return rejected
