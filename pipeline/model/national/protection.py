"""Estimates from counts as they are shown: the sums a model is fitted to are protected first.

The maximum likelihood of a logit on categorical factors depends on the grants through their sums
by level and by municipality alone. Grants are weighted so that each of these sums is the count
that disclosure control shows; whatever is then estimated is computed from what is shown, and
gives no other count back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

MAX_ROUNDS = 500
#: Largest relative distance of a sum from its count at which raking ends.
TOLERANCE = 1e-10


class Protection(Protocol):
    """What disclosure control does to counts; see :mod:`pipeline.disclosure.cell_key`."""

    def shown(self, counts: np.ndarray, keys: np.ndarray) -> np.ndarray:
        """Return whole numbers as they are shown, by the sums of the record keys of those counted.

        Same shape.
        """

    def shown_totals(self, counts: np.ndarray, keys: np.ndarray) -> np.ndarray:
        """Return municipalities' totals of grants as :meth:`shown`, or as the setting says."""

    def noise_variance(self, shown: np.ndarray) -> np.ndarray:
        """Return the variance of the noise of shown counts; nan for nan. Same shape."""

    def total_variance(self, shown: np.ndarray) -> np.ndarray:
        """Return the variance of the noise of shown totals. Same shape."""

    def is_hidden(self, expected: np.ndarray) -> np.ndarray:
        """Return where a count is not shown because too few are expected. Same shape."""


class Unprotected:
    """Counts as they are."""

    def shown(self, counts: np.ndarray, keys: np.ndarray) -> np.ndarray:
        """Return ``counts`` as whole numbers."""
        return np.asarray(counts).astype(np.int64)

    shown_totals = shown

    def noise_variance(self, shown: np.ndarray) -> np.ndarray:
        """Return 0, or nan where ``shown`` is."""
        return np.where(np.isnan(np.asarray(shown, dtype=float)), np.nan, 0.0)

    total_variance = noise_variance

    def is_hidden(self, expected: np.ndarray) -> np.ndarray:
        """Return False everywhere."""
        return np.zeros(np.shape(expected), dtype=bool)


def rake(
    counts: np.ndarray,
    keys: np.ndarray,
    groups: Sequence[np.ndarray],
    protection: Protection,
    *,
    are_totals: bool = False,
) -> np.ndarray:
    """Return (n,) weighted ``counts`` whose sums by each of ``groups`` are as ``protection`` shows.

    ``keys`` (n,) sums of record keys; each of ``groups`` (n,) numbers of levels. The sums of the
    first group (municipalities' totals where ``are_totals``) are met exactly, those of the others
    in proportion: each group's shown counts are
    scaled to add up to the first group's. Iterative proportional fitting (Deming & Stephan 1940,
    Annals of Mathematical Statistics 11) from the true counts; where counts shown as 0 leave a
    level without anybody, its sum stays 0.
    """
    wanted = []
    for number, group in enumerate(groups):
        size = int(group.max(initial=0)) + 1
        sums, sums_of_keys = np.bincount(group, counts, size), np.bincount(group, keys, size)
        shown = protection.shown if number or not are_totals else protection.shown_totals
        wanted.append(shown(sums, sums_of_keys).astype(float))
    total = wanted[0].sum()
    if not total:
        return np.zeros(len(counts))
    wanted = [target * (total / target.sum()) if target.sum() else target for target in wanted]
    positive = np.flatnonzero(counts)
    weights = counts[positive].astype(float)
    inside = [group[positive] for group in groups]
    for _ in range(MAX_ROUNDS):
        gap = 0.0
        for group, target in reversed(list(zip(inside, wanted, strict=True))):
            sums = np.bincount(group, weights, len(target))
            factor = np.divide(target, sums, out=np.zeros(len(target)), where=sums > 0)
            weights *= factor[group]
            gap = max(gap, float(np.abs(np.where((sums > 0) & (target > 0), factor - 1, 0)).max()))
        if gap < TOLERANCE:
            break
    result = np.zeros(len(counts))
    result[positive] = weights
    return result
