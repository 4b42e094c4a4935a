"""Types of courses: clusters of the years before a grant, named by the rules they agree with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from pipeline.model.courses.medoids import adjusted_rand, partition, silhouette
from pipeline.model.courses.sequences import distances, matrix_of, steps_of

#: Sequences of a sample, samples, and numbers of types that are tried beside the one used.
SAMPLE, N_SAMPLES, TRIED = 250, 4, (3, 4, 5, 6)
#: Sequences on which partitions of different samples are compared.
_COMPARED = 400


@dataclass(frozen=True)
class Quality:
    """Of a number of types: mean silhouette, and adjusted Rand between samples' partitions."""

    n_types: int
    silhouette: float
    stability: float


@dataclass(frozen=True)
class Typology:
    """(k, T) medoids by the pathway they are named after, and how good partitions are.

    ``agreement`` is the share of sequences whose cluster has the name of the rule that holds, and
    ``agreement_rand`` the adjusted Rand index of clusters and rules.
    """

    medoids: np.ndarray
    qualities: tuple[Quality, ...]
    agreement: float
    agreement_rand: float


def find_types(
    sequences: np.ndarray, by_rule: np.ndarray, substitution: np.ndarray, n_types: int, seed: int
) -> Typology:
    """Return the typology of (n, W) ``sequences`` in ``n_types`` types.

    ``by_rule`` (n,) is the number, below ``n_types``, of the pathway whose rule holds; clusters get
    these numbers so that as many sequences as possible keep theirs. Samples are drawn with
    ``seed``; the medoids are those of the sample that leaves all compared sequences nearest.
    """
    random = np.random.default_rng(seed)
    steps = steps_of(sequences)
    n = len(steps)
    samples = [np.sort(random.choice(n, min(SAMPLE, n), replace=False)) for _ in range(N_SAMPLES)]
    compared = np.sort(random.choice(n, min(_COMPARED, n), replace=False))
    candidates: dict[int, list[tuple[float, np.ndarray, np.ndarray, float]]] = {}
    for rows in samples:
        sample = steps[rows]
        matrix = matrix_of(sample, substitution)
        medoids_of = {k: partition(matrix, k) for k in sorted({*TRIED, n_types}) if k < len(rows)}
        union = np.unique(np.concatenate(list(medoids_of.values())))
        to_union = distances(steps[compared], sample[union], substitution)
        for k, medoids in medoids_of.items():
            of_all = to_union[:, np.searchsorted(union, medoids)]
            width = silhouette(matrix, matrix[:, medoids].argmin(axis=1))
            candidates.setdefault(k, []).append(
                (float(of_all.min(axis=1).sum()), sample[medoids], of_all.argmin(axis=1), width)
            )
    qualities = tuple(
        Quality(k, float(np.mean([one[3] for one in made])), _stability([one[2] for one in made]))
        for k, made in sorted(candidates.items())
    )
    medoids = min(candidates[n_types], key=lambda one: one[0])[1]
    label = distances(steps, medoids, substitution).argmin(axis=1)
    table = np.zeros((n_types, n_types))
    np.add.at(table, (label, by_rule), 1)
    cluster, name = linear_sum_assignment(-table)
    ordered = medoids[cluster[np.argsort(name)]]
    named = name[np.argsort(cluster)][label]
    return Typology(
        ordered,
        qualities,
        float((named == by_rule).mean()),
        adjusted_rand(named, by_rule),
    )


def place(sequences: np.ndarray, types: Typology, substitution: np.ndarray) -> np.ndarray:
    """Return (n,) the type nearest to each of (n, W) ``sequences``; ties go to the first."""
    return np.asarray(distances(steps_of(sequences), types.medoids, substitution).argmin(axis=1))


def _stability(labels: Sequence[np.ndarray]) -> float:
    pairs = [
        adjusted_rand(one, other) for at, one in enumerate(labels) for other in labels[at + 1 :]
    ]
    return float(np.mean(pairs))
