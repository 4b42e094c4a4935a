"""The case-study selection of a release, as typed numbers without wording."""

from __future__ import annotations

from dataclasses import dataclass

from reports.content.read import ResultTables
from reports.content.values import real, records, text, whole


@dataclass(frozen=True)
class CasePlace:
    """Where a municipality stands in the selection; ``failed`` names criteria."""

    code: str
    side: str | None
    standing: str
    failed: tuple[str, ...]
    rank: int | None
    share: float | None
    n_specifications: int
    residents: int


@dataclass(frozen=True)
class ChangeCase:
    """A municipality in the selection by change; ``failed`` names criteria, with commas between."""

    outcome: str
    municipality_code: str
    side: str | None
    standing: str
    failed: str | None
    rank: int
    change_effect_shrunk: float
    change_effect_shrunk_low: float
    change_effect_shrunk_high: float
    population_2007: int


@dataclass(frozen=True)
class CaseMember:
    """A municipality of a set; 1 is the best set."""

    set_number: int
    cluster_number: int
    code: str
    side: str
    score: float
    distance: float | None
    is_whole: bool


@dataclass(frozen=True)
class CaseCriterion:
    """What a criterion requires and does, and what to relax of it or with it."""

    criterion: str
    required: float
    is_binding: bool
    n_out: int | None
    n_out_alone: int | None
    n_clusters_without: int | None
    relaxed_to: float | None
    possible_with: tuple[str, ...]


@dataclass(frozen=True)
class Cases:
    """A case-study selection of ``outcome``; without criteria there is none."""

    outcome: str = ""
    places: tuple[CasePlace, ...] = ()
    members: tuple[CaseMember, ...] = ()
    criteria: tuple[CaseCriterion, ...] = ()

    def sets(self) -> list[list[list[CaseMember]]]:
        """Return the members by set and cluster, the best set first."""
        sets: dict[int, dict[int, list[CaseMember]]] = {}
        for one in self.members:
            clusters = sets.setdefault(one.set_number, {})
            clusters.setdefault(one.cluster_number, []).append(one)
        return [[clusters[at] for at in sorted(clusters)] for _, clusters in sorted(sets.items())]


def cases_from(tables: ResultTables) -> Cases:
    """Return the selection that ``tables`` hold; an earlier release holds none."""
    if tables.case_study_criterion.empty:
        return Cases()
    return Cases(
        str(tables.case_study_criterion["outcome"].iloc[0]),
        tuple(
            CasePlace(
                code=str(row["municipality_code"]),
                side=text(row["side"]),
                standing=str(row["standing"]),
                failed=_names(row["failed"]),
                rank=whole(row["rank"]),
                share=real(row["share_of_specifications"]),
                n_specifications=int(row["n_specifications"]),
                residents=int(row["population_2007"]),
            )
            for row in records(tables.case_study)
        ),
        tuple(
            CaseMember(
                set_number=int(row["set_number"]),
                cluster_number=int(row["cluster_number"]),
                code=str(row["municipality_code"]),
                side=str(row["side"]),
                score=float(row["set_score"]),
                distance=real(row["labour_distance"]),
                is_whole=bool(row["is_whole"]),
            )
            for row in records(tables.case_study_set)
        ),
        tuple(
            CaseCriterion(
                criterion=str(row["criterion"]),
                required=float(row["required"]),
                is_binding=bool(row["is_binding"]),
                n_out=whole(row["n_out"]),
                n_out_alone=whole(row["n_out_alone"]),
                n_clusters_without=whole(row["n_clusters_without"]),
                relaxed_to=real(row["relaxed_to"]),
                possible_with=_names(row["possible_with"]),
            )
            for row in records(tables.case_study_criterion)
        ),
    )


def _names(value: object) -> tuple[str, ...]:
    said = text(value)
    return tuple(said.split(", ")) if said else ()
