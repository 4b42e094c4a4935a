"""People's courses over time in a release: rows of its tables."""

from __future__ import annotations

from dataclasses import dataclass

from reports.content.read import ResultTables
from reports.content.values import rows_of

#: The whole country among the areas.
COUNTRY = "000"


@dataclass(frozen=True)
class Stock:
    """Persons on cash or education benefit at a quarter's end, at one level; None is hidden."""

    year: int
    quarter: int
    dimension: str
    level: str
    n_persons: int | None
    noise_sd: float | None


@dataclass(frozen=True)
class Flow:
    """Persons who came (``in``) or left (``out``) in a quarter, by the state before or after."""

    year: int
    quarter: int
    direction: str
    state_group: str
    n_persons: int | None


@dataclass(frozen=True)
class Exit:
    """Of those on benefit when a year begins, by years of tenure, who is off it at its end."""

    year: int
    tenure_year: int
    n_persons: int | None
    n_exits: int | None
    exit_share: float | None
    exit_share_low: float | None
    exit_share_high: float | None


@dataclass(frozen=True)
class Pathway:
    """Grants by one pathway in an area; ``method`` is clusters or rules, None is not shown."""

    outcome: str
    method: str
    area_code: str
    pathway: str
    n_grants: float | None
    expected: float
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    share: float | None
    share_low: float | None
    share_high: float | None


@dataclass(frozen=True)
class PathwayState:
    """Share of a pathway's persons in a state some weeks before the grant."""

    outcome: str
    pathway: str
    weeks_before: int
    state_group: str
    share: float | None


@dataclass(frozen=True)
class PathwayProfile:
    """Share of a pathway's grants at a level of a factor, beside that of all grants."""

    outcome: str
    pathway: str
    dimension: str
    level: str
    share: float | None
    share_of_all: float | None


@dataclass(frozen=True)
class PathwayQuality:
    """How well courses fall into so many types; ``agreement`` is of the number used alone."""

    n_types: int
    silhouette: float
    stability: float
    agreement: float | None
    agreement_rand: float | None


@dataclass(frozen=True)
class GrantQuarter:
    """First grants of the country in a year until a quarter's end, against the year before."""

    outcome: str
    year: int
    quarter: int
    n_to_date: int | None
    to_date_noise_sd: float | None
    to_date_change: float | None
    to_date_change_low: float | None
    to_date_change_high: float | None


@dataclass(frozen=True)
class PensionStock:
    """Persons of the country on a benefit in the last week of a year."""

    year: int
    state_group: str
    n_persons: int | None
    noise_sd: float | None


@dataclass(frozen=True)
class Courses:
    """What a release holds of people's courses; empty where it has none."""

    stock: tuple[Stock, ...] = ()
    flow: tuple[Flow, ...] = ()
    exits: tuple[Exit, ...] = ()
    quarters: tuple[GrantQuarter, ...] = ()
    year_ends: tuple[PensionStock, ...] = ()
    pathways: tuple[Pathway, ...] = ()
    pathway_states: tuple[PathwayState, ...] = ()
    pathway_profiles: tuple[PathwayProfile, ...] = ()
    pathway_qualities: tuple[PathwayQuality, ...] = ()


def courses_from(tables: ResultTables) -> Courses:
    """Return the courses of a release: stock and flow of the country, pathways of every area."""
    parts = {}
    for name, kind in (
        ("tenure_stock", Stock),
        ("tenure_flow", Flow),
        ("tenure_exit", Exit),
        ("grant_quarter", GrantQuarter),
        ("pension_stock", PensionStock),
    ):
        frame = getattr(tables, name)
        country = frame if frame.empty else frame[frame["area_code"] == COUNTRY]
        parts[name] = rows_of(kind, country)
    return Courses(
        stock=parts["tenure_stock"],  # type: ignore[arg-type]
        flow=parts["tenure_flow"],  # type: ignore[arg-type]
        exits=parts["tenure_exit"],  # type: ignore[arg-type]
        quarters=parts["grant_quarter"],  # type: ignore[arg-type]
        year_ends=parts["pension_stock"],  # type: ignore[arg-type]
        pathways=rows_of(Pathway, tables.pathway),
        pathway_states=rows_of(PathwayState, tables.pathway_state),
        pathway_profiles=rows_of(PathwayProfile, tables.pathway_profile),
        pathway_qualities=rows_of(PathwayQuality, tables.pathway_quality),
    )
