"""Municipalities merged in 2007 and what they were made of, as typed numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reports.content.read import ResultTables
from reports.content.values import real, records, rows_of, whole

#: The code of a municipality as a whole among its parts.
WHOLE = "all"


@dataclass(frozen=True)
class FormerPart:
    """A former municipality in a period, before or after; ``None`` is withheld.

    ``former_code`` is :data:`WHOLE` for the municipality of today; ``shrunk`` is O/E corrected for
    chance.
    """

    outcome: str
    municipality_code: str
    former_code: str
    period: str
    year_from: int
    year_to: int
    is_largest: bool
    observed: int | None
    expected: float
    shrunk: float | None
    shrunk_low: float | None
    shrunk_high: float | None


@dataclass(frozen=True)
class Followed:
    """How likely a municipality grants as the mean, the largest or the strictest of its parts."""

    outcome: str
    municipality_code: str
    n_former: int
    p_mean: float
    p_largest: float
    p_strictest: float


@dataclass(frozen=True)
class FollowedRule:
    """Share of the merged municipalities that follow a rule, and the change that all share."""

    outcome: str
    rule: str
    n_municipalities: int
    share: float
    share_low: float
    share_high: float
    p_commonest: float
    joint_change: float
    joint_change_low: float
    joint_change_high: float


@dataclass(frozen=True)
class FollowedSide(FollowedRule):
    """The same of those that granted few, or many, before."""

    side: str


@dataclass(frozen=True)
class PartSpread:
    """How far the parts of merged municipalities lie apart in a year, log O/E."""

    outcome: str
    year: int
    spread: float
    spread_low: float
    spread_high: float


@dataclass(frozen=True)
class Merged:
    """All that a release holds of merged municipalities."""

    parts: tuple[FormerPart, ...] = ()
    followed: tuple[Followed, ...] = ()
    rules: tuple[FollowedRule, ...] = ()
    sides: tuple[FollowedSide, ...] = ()
    spreads: tuple[PartSpread, ...] = ()


def merged_from(tables: ResultTables) -> Merged:
    """Return what ``tables`` hold of merged municipalities; an earlier release holds nothing."""
    return Merged(
        parts=tuple(_part(row) for row in records(tables.former_municipality)),
        followed=rows_of(Followed, tables.former_follow),
        rules=rows_of(FollowedRule, tables.former_follow_country),
        sides=rows_of(FollowedSide, tables.former_follow_side),
        spreads=rows_of(PartSpread, tables.former_spread),
    )


def _part(row: Mapping[str, Any]) -> FormerPart:
    known = not row["is_suppressed"]
    return FormerPart(
        outcome=str(row["outcome"]),
        municipality_code=str(row["municipality_code"]),
        former_code=str(row["former_municipality_code"]),
        period=str(row["period"]),
        year_from=int(row["year_from"]),
        year_to=int(row["year_to"]),
        is_largest=bool(row["is_largest"]),
        observed=whole(row["observed"]) if known else None,
        expected=float(row["expected"]),
        shrunk=real(row["ratio_shrunk"]) if known else None,
        shrunk_low=real(row["ratio_shrunk_low"]) if known else None,
        shrunk_high=real(row["ratio_shrunk_high"]) if known else None,
    )
