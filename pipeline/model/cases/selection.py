"""Which municipalities to interview: the tables of a case-study selection.

AKF's companion study of 2009 interviewed nine municipalities picked from its ranking: three
clusters of two few-granting and a many-granting one that resemble each other. The criteria are
declared (:mod:`pipeline.cases`); the tables are a pure function of what a release publishes, so
that whoever has the release can choose again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.cases.declaration import Selection
from pipeline.catalogue import columns, empty_frame
from pipeline.model.cases.clusters import Listed, best_sets, list_clusters
from pipeline.model.cases.criteria import OF_CLUSTERS, judge_criteria, without
from pipeline.model.cases.places import SIDES, Places, outcome_of, places_from

Frames = dict[str, pd.DataFrame]
#: What a selection is made from.
SOURCES = (
    *("benchmark", "ranking", "sensitivity", "completeness", "temporary"),
    *("municipality", "framework_condition"),
)
TABLES = ("case_study", "case_study_set", "case_study_criterion")


def case_study_frames(tables: Mapping[str, pd.DataFrame], asked: Selection) -> Frames:
    """Return ``case_study``, ``case_study_set`` and ``case_study_criterion`` of one run.

    ``tables`` are those of :data:`SOURCES` as published. Empty where no rank is shown. Ties between
    sets of the same score are broken by the solver, always alike. Raises :class:`ModelError` where
    the release does not answer the outcome, or the criteria leave too much to search.
    """
    outcome = outcome_of(tables["benchmark"], asked)
    if any(tables[name].empty for name in SOURCES if name != "temporary"):
        return {name: empty_frame(name) for name in TABLES}
    places = places_from(tables, asked, outcome)
    listed = list_clusters(places, asked)
    sets = best_sets(places, asked, listed, asked.preference.sets)
    whole = bool(sets) and len(sets[0]) == asked.clusters.number
    score = float(listed.score[sets[0]].mean()) if whole else None
    made = _Made(places, asked, listed, sets)
    return {
        "case_study": made.municipalities(),
        "case_study_set": made.sets_frame(),
        "case_study_criterion": made.criteria(score),
    }


@dataclass(frozen=True)
class _Made:
    """A selection that is made: what it was made from, and the best sets."""

    places: Places
    asked: Selection
    listed: Listed
    sets: list[np.ndarray]

    def _frame(self, name: str, **values: object) -> pd.DataFrame:
        frame = pd.DataFrame(values)
        frame.insert(0, "outcome", self.places.outcome)
        frame.insert(0, "selection", self.asked.name)
        return frame[list(columns(name))]

    def municipalities(self) -> pd.DataFrame:
        """Return a row per municipality: what is known of it, and why it is in or out."""
        places, asked = self.places, self.asked
        limit = asked.municipalities.share_of_ranks
        failed = places.failed(asked.municipalities)
        reasons = [[name for name, out in failed.items() if out[at]] for at in _each(places)]
        in_set, cluster = self._first_set()
        standing = [self._standing(at, len(reasons[at]), in_set[at]) for at in _each(places)]
        kept_out = self._kept_out([at for at in _each(places) if standing[at] == "no_cluster"])
        reasons = [kept_out.get(at, own) for at, own in enumerate(reasons)]
        side = places.side(limit)
        return self._frame(
            "case_study",
            municipality_code=list(places.codes),
            side=[SIDES.get(int(one)) for one in side],
            standing=standing,
            failed=[", ".join(own) or None for own in reasons],
            set_number=_whole(in_set),
            cluster_number=_whole(cluster),
            rank=_whole(places.rank),
            share_of_specifications=np.where(side == 0, np.nan, np.round(places.share(limit), 6)),
            n_specifications=places.n_specifications.astype("int64"),
            population_2007=places.residents.astype("int64"),
            n_former=places.n_former.astype("int64"),
            is_reported=places.is_reported,
            is_temporary=places.is_temporary,
        )

    def sets_frame(self) -> pd.DataFrame:
        """Return a row per set and municipality in it."""
        if not self.sets:
            return empty_frame("case_study_set")
        side = self.places.side(self.asked.municipalities.share_of_ranks)
        rows = []
        for set_number, chosen in enumerate(self.sets, 1):
            score = float(self.listed.score[chosen].mean())
            for cluster_number, cluster in enumerate(chosen, 1):
                rows += [
                    (
                        *(set_number, cluster_number, self.places.codes[at], SIDES[int(side[at])]),
                        *(score, float(self.listed.distance[cluster])),
                    )
                    for at in self.listed.members[cluster]
                ]
        names = ["set_number", "cluster_number", "municipality_code", "side"]
        made = pd.DataFrame(rows, columns=[*names, "set_score", "labour_distance"])
        made = made.replace([np.inf, -np.inf], np.nan)
        made["is_whole"] = len(self.sets[0]) == self.asked.clusters.number
        return self._frame("case_study_set", **{name: made[name] for name in map(str, made)})

    def criteria(self, score: float | None) -> pd.DataFrame:
        """Return a row per criterion, and one for the number of clusters."""
        failed = self.places.failed(self.asked.municipalities)
        n_reasons = np.sum(list(failed.values()), axis=0)
        judged = judge_criteria(self.places, self.asked, score)
        number = self.asked.clusters.number
        most = len(self.sets[0]) if self.sets else 0
        lines = [
            (
                *(one.criterion, one.required, one.is_binding),
                int(failed[one.criterion].sum()) if one.criterion in failed else None,
                int((failed[one.criterion] & (n_reasons == 1)).sum())
                if one.criterion in failed
                else None,
                *(one.n_clusters_without, one.score_without, one.relaxed_to),
                ", ".join(one.possible_with) or None,
            )
            for one in judged
        ]
        relaxed = float(most) if most < number else None
        lines.append(("number", float(number), most < number, *4 * (None,), relaxed, None))
        names = ["criterion", "required", "is_binding", "n_out", "n_out_alone"]
        names += ["n_clusters_without", "score_without", "relaxed_to", "possible_with"]
        frame = pd.DataFrame(lines, columns=names)
        for name in ("n_out", "n_out_alone", "n_clusters_without"):
            frame[name] = frame[name].astype("Int64")
        for name in ("score_without", "relaxed_to"):
            frame[name] = frame[name].astype(float)
        return self._frame("case_study_criterion", **{name: frame[name] for name in names})

    def _first_set(self) -> tuple[np.ndarray, np.ndarray]:
        """Return (M,) the first set each municipality is in and its cluster there, nan for none."""
        in_set = np.full(len(self.places.codes), np.nan)
        cluster = in_set.copy()
        for number, chosen in reversed(list(enumerate(self.sets, 1))):
            for place, one in enumerate(chosen, 1):
                in_set[self.listed.members[one]] = number
                cluster[self.listed.members[one]] = place
        return in_set, cluster

    def _standing(self, at: int, n_failed: int, in_set: float) -> str:
        if in_set == 1:
            return "chosen"
        if in_set > 1:
            return "other_set"
        if n_failed:
            return "near" if n_failed == 1 else "out"
        return "not_best" if (self.listed.members == at).any() else "no_cluster"

    def _kept_out(self, left: list[int]) -> dict[int, list[str]]:
        """Return for the candidates ``left`` without a cluster what keeps each from having one."""
        kept: dict[int, list[str]] = {at: [] for at in left}
        for name in OF_CLUSTERS if left else ():
            members = set(list_clusters(self.places, without(self.asked, name)).members.ravel())
            for at in left:
                if at in members:
                    kept[at].append(name)
        return kept


def _each(places: Places) -> range:
    return range(len(places.codes))


def _whole(values: np.ndarray) -> pd.Series:
    return pd.Series(pd.array(values, dtype="Float64")).astype("Int64")
