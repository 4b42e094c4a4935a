"""Partition around medoids of many objects: seeded samples, all objects placed at the nearest one.

PAM with the swaps of Schubert & Rousseeuw (2021, Information Systems 101) on samples, as CLARA does
(Kaufman & Rousseeuw 1990); written here because the packages at hand are under the GPL.
"""

from __future__ import annotations

import numpy as np


def partition(distance: np.ndarray, k: int) -> np.ndarray:
    """Return (k,) medoids of the (n, n) ``distance``: greedy start, then swaps while any helps.

    Ties go to the lower number; k is at most the number of distinct objects asked for.
    """
    medoids = [int(distance.sum(axis=0).argmin())]
    nearest = distance[:, medoids[0]].copy()
    while len(medoids) < k:
        gain = np.maximum(nearest[:, None] - distance, 0).sum(axis=0)
        gain[medoids] = -1
        medoids.append(int(gain.argmax()))
        nearest = np.minimum(nearest, distance[:, medoids[-1]])
    while True:
        to_medoid = distance[:, medoids]
        order = np.argsort(to_medoid, axis=1, kind="stable")
        first = np.take_along_axis(to_medoid, order[:, :1], axis=1)[:, 0]
        second = np.take_along_axis(to_medoid, order[:, 1:2], axis=1)[:, 0] if k > 1 else first
        # What all lose less what they gain when medoid i goes and object j comes.
        best, swap = -1e-9, None
        for i in range(k):
            base = np.where(order[:, 0] == i, second, first) if k > 1 else np.full_like(first, 1e18)
            change = np.minimum(distance, base[:, None]).sum(axis=0) - first.sum()
            j = int(change.argmin())
            if change[j] < best:
                best, swap = float(change[j]), (i, j)
        if swap is None:
            return np.array(medoids)
        medoids[swap[0]] = swap[1]


def silhouette(distance: np.ndarray, label: np.ndarray) -> float:
    """Return the mean silhouette width of ``label`` (n,) under (n, n) ``distance``.

    Rousseeuw (1987). An object alone in its group counts 0; fewer than two groups give 0.
    """
    groups = np.unique(label)
    if len(groups) < 2:
        return 0.0
    sizes = np.array([(label == group).sum() for group in groups])
    sums = np.column_stack([distance[:, label == group].sum(axis=1) for group in groups])
    own = np.searchsorted(groups, label)
    rows = np.arange(len(label))
    within = sums[rows, own] / np.maximum(sizes[own] - 1, 1)
    means = sums / sizes
    means[rows, own] = np.inf
    between = means.min(axis=1)
    larger = np.maximum(within, between)
    width = np.divide(between - within, larger, out=np.zeros(len(label)), where=larger > 0)
    return float(np.where(sizes[own] > 1, width, 0.0).mean())


def adjusted_rand(one: np.ndarray, other: np.ndarray) -> float:
    """Return the adjusted Rand index of two labellings (n,): 1 the same, 0 as by chance.

    Hubert & Arabie (1985), Journal of Classification 2, 193-218.
    """
    left, right = (np.unique(label, return_inverse=True)[1] for label in (one, other))
    table = np.zeros((left.max() + 1, right.max() + 1))
    np.add.at(table, (left, right), 1)

    def pairs(counts: np.ndarray) -> float:
        return float((counts * (counts - 1) / 2).sum())

    both, rows, columns = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    chance = rows * columns / pairs(np.array([float(len(one))]))
    most = (rows + columns) / 2
    return 1.0 if most == chance else (both - chance) / (most - chance)
