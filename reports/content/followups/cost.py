"""What grants come to over the years, as typed numbers; ``None`` is not shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reports.content.read import ResultTables
from reports.content.values import rows_of


@dataclass(frozen=True)
class GrantState:
    """The share of those granted who are in a group of states so long after the grant."""

    outcome: str
    years_since_grant: int
    state_group: str
    share: float | None


@dataclass(frozen=True)
class GrantCost:
    """What one grant more a year comes to after years of it: persons, kroner a year and in all."""

    outcome: str
    years_of_practice: int
    persons_per_grant: float
    kroner_per_grant: float
    net_kroner_per_grant: float
    net_municipal_kroner_per_grant: float
    net_kroner_total_per_grant: float


@dataclass(frozen=True)
class PracticeCost:
    """What the practice of ``standard`` comes to in an area after years of it."""

    outcome: str
    standard: str
    area_code: str
    years_of_practice: int
    persons_change: float
    persons_change_low: float
    persons_change_high: float
    net_kroner_change: float
    net_kroner_change_low: float
    net_kroner_change_high: float
    net_municipal_kroner_change: float


@dataclass(frozen=True)
class Price:
    """What a person costs a month in a group of states, and the municipality's share of it."""

    state_group: str
    kroner_a_month: float
    municipal_share: float
    source: str


@dataclass(frozen=True)
class Costs:
    """What a release holds of costs; empty where it has none."""

    states: tuple[GrantState, ...] = ()
    grants: tuple[GrantCost, ...] = ()
    practices: tuple[PracticeCost, ...] = ()
    prices: tuple[Price, ...] = ()

    def of_area(self, area_code: str) -> Mapping[tuple[str, str], PracticeCost]:
        """Return the costs of an area by outcome and standard."""
        return {
            (row.outcome, row.standard): row for row in self.practices if row.area_code == area_code
        }


def costs_from(tables: ResultTables) -> Costs:
    """Return the costs of a release."""
    return Costs(
        rows_of(GrantState, tables.grant_state),
        rows_of(GrantCost, tables.grant_cost),
        rows_of(PracticeCost, tables.what_if_cost),
        rows_of(Price, tables.benefit_price),
    )
