"""Which criteria of a case-study selection bind, and what to give up where they ask too much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from pipeline.cases.declaration import Selection
from pipeline.errors import ModelError
from pipeline.model.cases.clusters import best_sets, list_clusters, most_clusters
from pipeline.model.cases.places import OF_MUNICIPALITIES, Places

#: Criteria of clusters, in the order they are told.
OF_CLUSTERS = ("regions", "region_once", "merging", "labour_market")
#: Where each criterion is declared, and the value with which it asks nothing.
_DECLARED: dict[str, tuple[str, str, Any]] = {
    "ranks": ("municipalities", "share_of_ranks", 0.5),
    "specifications": ("municipalities", "least_share_of_specifications", 0.0),
    "shown": ("municipalities", "least_specifications", 0),
    "residents": ("municipalities", "least_residents", 0),
    "reported": ("municipalities", "is_reported", False),
    "lasting": ("municipalities", "is_lasting", False),
    "regions": ("clusters", "most_regions", 1_000),
    "region_once": ("clusters", "is_region_used_once", False),
    "merging": ("clusters", "most_merging_difference", 1_000),
    "labour_market": ("clusters", "most_labour_distance", np.inf),
}

#: Criteria that ask less the lower they are.
_FALLING = frozenset({"specifications", "shown", "residents"})
#: Parts of a unit in which a relaxed value is told; whole numbers where it is not here.
_FINEST = {"ranks": 1e3, "specifications": 1e3, "labour_market": 1e2}
_A_LITTLE = 1e-6


@dataclass(frozen=True)
class Criterion:
    """What a criterion does to a selection.

    ``required`` is the declared value (1 or 0 for yes and no), ``n_clusters_without`` and
    ``score_without`` are the clusters there can be, and the score of the best set, where it asks
    nothing (None where that is too much to search). ``relaxed_to`` is the nearest value that makes
    the request possible, None where it is or none does; ``possible_with`` names the criteria of
    which one more has to go then. ``is_binding``: without it there is more or better to choose.
    """

    criterion: str
    required: float
    n_clusters_without: int | None
    score_without: float | None
    is_binding: bool
    relaxed_to: float | None
    possible_with: tuple[str, ...]


def declared_value(asked: Selection, criterion: str) -> Any:
    """Return the declared value of ``criterion``."""
    part, key, _ = _DECLARED[criterion]
    return getattr(getattr(asked, part), key)


def with_values(asked: Selection, values: Mapping[str, Any]) -> Selection:
    """Return ``asked`` with other values of the criteria named."""
    for criterion, value in values.items():
        part, key, _ = _DECLARED[criterion]
        changed = getattr(asked, part).model_copy(update={key: value})
        asked = asked.model_copy(update={part: changed})
    return asked


def without(asked: Selection, *criteria: str) -> Selection:
    """Return ``asked`` with ``criteria`` asking nothing."""
    return with_values(asked, {name: _DECLARED[name][2] for name in criteria})


def judge_criteria(places: Places, asked: Selection, score: float | None) -> list[Criterion]:
    """Return every criterion of ``asked`` and what it does; ``score`` is the best set's, or None.

    A criterion that asks nothing is left out.
    """
    number = asked.clusters.number
    most = most_clusters(places, asked)
    named = [
        name
        for name in (*OF_MUNICIPALITIES, *OF_CLUSTERS)
        if declared_value(asked, name) != _DECLARED[name][2]
    ]
    counts = {name: _most(places, without(asked, name)) for name in named}
    pairs = _pairs(places, asked, counts) if most < number else {}
    judged = []
    for name in named:
        n = counts[name]
        possible = n is not None and n >= number
        # With other ranks asked for, shares of specifications are of something else.
        compared = possible and name != "ranks"
        gained = _score(places, without(asked, name)) if compared else None
        better = gained is not None and score is not None and gained > score + 1e-9
        judged.append(
            Criterion(
                name,
                float(declared_value(asked, name)),
                n,
                gained,
                (n is not None and n > most) or (most >= number and better),
                _nearest(places, asked, name) if most < number and possible else None,
                pairs.get(name, ()),
            )
        )
    return judged


def _most(places: Places, asked: Selection) -> int | None:
    try:
        return most_clusters(places, asked)
    except ModelError:
        return None


def _score(places: Places, asked: Selection) -> float | None:
    listed = list_clusters(places, asked)
    sets = best_sets(places, asked, listed, 1)
    score = listed.score[sets[0]].mean() if sets else -np.inf
    return float(score) if np.isfinite(score) else None


def _pairs(
    places: Places, asked: Selection, counts: Mapping[str, int | None]
) -> dict[str, tuple[str, ...]]:
    """Return for each criterion those that together with it make the request possible.

    Nothing where a single one does.
    """
    number = asked.clusters.number
    if any(n is not None and n >= number for n in counts.values()):
        return {}
    found: dict[str, list[str]] = {}
    for one, other in combinations(counts, 2):
        if (_most(places, without(asked, one, other)) or 0) >= number:
            found.setdefault(one, []).append(other)
            found.setdefault(other, []).append(one)
    return {name: tuple(others) for name, others in found.items()}


def _nearest(places: Places, asked: Selection, criterion: str) -> float | None:
    """Return the value nearest to the declared one with which the request is possible.

    A looser value allows whatever a stricter one does, so that halving finds it.
    """
    values = _looser(places, asked, criterion)
    low, high = 0, len(values) - 1
    while low < high:
        middle = (low + high) // 2
        n = _most(places, with_values(asked, {criterion: values[middle]}))
        # What is too much to search is not told as possible.
        low, high = (low, middle) if n is None or n >= asked.clusters.number else (middle + 1, high)
    if not values or (_most(places, with_values(asked, {criterion: values[low]})) or 0) < (
        asked.clusters.number
    ):
        return None
    # As it is told, a value must allow what the exact one does.
    outwards = np.floor if criterion in _FALLING else np.ceil
    parts = _FINEST.get(criterion, 1.0)
    return float(outwards(values[low] * parts) / parts)


def _looser(places: Places, asked: Selection, criterion: str) -> list[Any]:
    """Return the values of ``criterion`` that change anything, from the declared one outwards."""
    now = declared_value(asked, criterion)
    if isinstance(now, bool):
        return [False]
    n = len(places.codes)
    apart = np.abs(places.n_former[:, None] - places.n_former)
    fallen = {
        "specifications": places.share(asked.municipalities.share_of_ranks),
        "shown": places.n_specifications,
        "residents": places.residents,
    }
    places_of = np.arange(1, n // 2 + 1) / n
    risen = {
        # Of those that grant fewest a share holds whole places, of the others what is begun too.
        "ranks": np.concatenate([places_of, places_of[:-1] + _A_LITTLE]),
        "regions": np.arange(1, 1 + asked.clusters.few_granting + asked.clusters.many_granting),
        "merging": apart,
        "labour_market": places.distance[np.isfinite(places.distance)],
    }
    if criterion in _FALLING:
        values = np.unique(fallen[criterion])
        return list(values[values < now][::-1])
    values = np.unique(risen[criterion])
    return list(values[values > now])
