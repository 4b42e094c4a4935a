"""The best sets of clusters of municipalities: every cluster there can be, then an exact choice.

A cluster is a number of few-granting and of many-granting municipalities that have enough in
common. All clusters that the criteria allow are listed, and the best set of disjoint ones is a set
packing problem, solved exactly as a mixed-integer program by HiGHS (Huangfu, Q. & Hall, J. A. J.
(2018). Parallelizing the dual revised simplex method. Mathematical Programming Computation 10,
119-142), as SciPy has it. Further sets come from the same program without those found already.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from pipeline.cases.declaration import Clusters, Selection
from pipeline.errors import ModelError
from pipeline.model.cases.places import FEW, MANY, Places

#: Clusters that are listed at most.
MOST_CLUSTERS = 100_000


@dataclass(frozen=True)
class Listed:
    """The C clusters that criteria allow.

    ``members`` (C, k) places of its municipalities, the few-granting first, each part rising;
    ``distance`` (C,) the largest between two of its labour markets; ``score`` (C,) the mean share
    of specifications of its members less what the distance weighs.
    """

    members: np.ndarray
    distance: np.ndarray
    score: np.ndarray


def list_clusters(places: Places, asked: Selection) -> Listed:
    """Return every cluster of municipalities that meet all criteria, in the order of their places.

    Raises :class:`ModelError` where there are more than :data:`MOST_CLUSTERS`.
    """
    failed = np.any(list(places.failed(asked.municipalities).values()), axis=0)
    side = np.where(failed, 0, places.side(asked.municipalities.share_of_ranks))
    found: list[tuple[int, ...]] = []
    for cluster in _clusters(places, asked.clusters, side):
        found.append(cluster)
        if len(found) > MOST_CLUSTERS:
            raise ModelError(
                f"the criteria of selection {asked.name} allow more than {MOST_CLUSTERS} clusters.",
                expected="criteria that leave fewer to choose from",
                next_step="ask for closer labour markets, fewer regions or larger municipalities.",
            )
    size = asked.clusters.few_granting + asked.clusters.many_granting
    members = np.array(found, dtype=int).reshape(-1, size)
    distance = np.zeros(len(members))
    for a, b in combinations(range(size), 2):
        distance = np.maximum(distance, places.distance[members[:, a], members[:, b]])
    share = places.share(asked.municipalities.share_of_ranks)[members].mean(axis=1)
    weight = asked.preference.labour_distance_weight
    with np.errstate(invalid="ignore"):
        score = np.where(np.isinf(distance), -np.inf, share - weight * distance)
    return Listed(members, distance, score)


def _clusters(places: Places, asked: Clusters, side: np.ndarray) -> Iterator[tuple[int, ...]]:
    few, many = np.flatnonzero(side == FEW), np.flatnonzero(side == MANY)
    with np.errstate(invalid="ignore"):
        near = places.distance <= asked.most_labour_distance
    alike = np.abs(places.n_former[:, None] - places.n_former) <= asked.most_merging_difference
    fits = near & alike

    def grown(begun: tuple[int, ...], of: np.ndarray, more: int) -> Iterator[tuple[int, ...]]:
        if not more:
            yield begun
            return
        for at, one in enumerate(of):
            regions = {places.region[place] for place in (*begun, one)}
            if len(regions) <= asked.most_regions and fits[one, list(begun)].all():
                yield from grown((*begun, int(one)), of[at + 1 :], more - 1)

    for begun in grown((), few, asked.few_granting):
        yield from grown(begun, many, asked.many_granting)


def best_sets(places: Places, asked: Selection, listed: Listed, n_sets: int) -> list[np.ndarray]:
    """Return the best sets, each the rising places of its clusters in ``listed``, the best first.

    Clusters of a set share no municipality and, if asked, no region. Each set has the number of
    clusters that is asked for or, where that is impossible, the largest number there can be; no
    set where no cluster is.
    """
    if not len(listed.members):
        return []
    packing = _packing(places, asked, listed)
    score = np.where(np.isfinite(listed.score), listed.score, -1e3)
    most = solved(np.ones(len(score)), [LinearConstraint(packing, ub=1)])
    if most is None:  # pragma: no cover - the empty set is always there
        return []
    number = min(asked.clusters.number, int(most.sum()))
    size = LinearConstraint(csr_array(np.ones((1, len(score)))), lb=number, ub=number)
    constraints = [LinearConstraint(packing, ub=1), size]
    sets: list[np.ndarray] = []
    while len(sets) < n_sets:
        chosen = solved(score, constraints)
        if chosen is None:
            break
        sets.append(np.flatnonzero(chosen))
        constraints.append(LinearConstraint(csr_array(chosen[None, :]), ub=number - 1))
    return sets


def most_clusters(places: Places, asked: Selection) -> int:
    """Return how many clusters there can be at once, at most as many as are asked for."""
    listed = list_clusters(places, asked)
    if not len(listed.members):
        return 0
    packing = _packing(places, asked, listed)
    taken = np.zeros(packing.shape[0], dtype=bool)
    n = 0
    for column in packing.T.toarray().astype(bool):
        if not (taken & column).any():
            taken |= column
            n += 1
        if n == asked.clusters.number:
            return n
    chosen = solved(np.ones(packing.shape[1]), [LinearConstraint(packing, ub=1)])
    return min(asked.clusters.number, n if chosen is None else int(chosen.sum()))


def _packing(places: Places, asked: Selection, listed: Listed) -> csr_array:
    """Return (rows, C) what each cluster uses up: municipalities, and regions if used once."""
    n, size = listed.members.shape
    rows = [listed.members.ravel()]
    columns = [np.repeat(np.arange(n), size)]
    height = len(places.codes)
    if asked.clusters.is_region_used_once:
        used = np.unique(np.column_stack([columns[0], height + 1 + places.region[rows[0]]]), axis=0)
        columns.append(used[:, 0])
        rows.append(used[:, 1])
        height += 2 + int(places.region.max())
    place, column = np.concatenate(rows), np.concatenate(columns)
    return csr_array((np.ones(len(place)), (place, column)), shape=(height, n))


def solved(gain: np.ndarray, constraints: list[LinearConstraint]) -> np.ndarray | None:
    """Return the (C,) 0/1 choice of the largest gain under ``constraints``; None without one."""
    result = milp(
        -gain,
        integrality=np.ones(len(gain)),
        bounds=Bounds(0, 1),
        constraints=constraints,
        options={"mip_rel_gap": 0.0},
    )
    return np.rint(result.x) if result.status == 0 else None
