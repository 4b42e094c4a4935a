"""What the report says of the follow-up questions, as typed numbers without wording.

``None`` means that the release withholds the number or does not hold it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from reports.content.followups.activity import Activity
from reports.content.followups.attributes import AttributeGroup, AttributeLevel, AttributeTest
from reports.content.followups.cases import Cases, ChangeCase, cases_from
from reports.content.followups.choices import Choice
from reports.content.followups.cost import Costs, costs_from
from reports.content.followups.decision_makers import NewDecisionMaker
from reports.content.followups.displacement import Displacement, Opposite
from reports.content.followups.former import Merged, merged_from
from reports.content.followups.initiatives import Initiative, initiatives_from
from reports.content.followups.later import LaterState
from reports.content.followups.life import LifeRisk
from reports.content.followups.steps import Step, steps_from
from reports.content.followups.subgroups import SubgroupArea, SubgroupSpread
from reports.content.followups.waiting import Waiting, waiting_from
from reports.content.read import ResultTables
from reports.content.values import in_order_of, real, records, rows_of, whole

CROSS_FITTED, SAME_WINDOW = "cross_fitted", "same_window"
#: Levels of routes as they are listed, whatever the dimension.
_LEVELS = (
    *("self_supporting", "unemployment", "cash_benefit", "education_benefit"),
    *("sickness_benefit", "rehabilitation", "resource_programme", "job_clarification", "flexjob"),
    *("other", "none", "up_to_52", "over_52", "no", "yes"),
)
_DIMENSIONS = (
    *("last_benefit", "sickness_duration", "ever_rehabilitation", "ever_resource_programme"),
)
#: Fifths of municipalities, the fewest granted first.
N_FIFTHS = 5
#: The same among areas, as the release codes them.
FIFTH_AREAS = tuple(f"fifth_{number}" for number in range(1, N_FIFTHS + 1))


@dataclass(frozen=True)
class GroupFigure:
    """A measure of one fifth of the municipalities with its limits; fifth 1 grants fewest."""

    outcome: str
    group_basis: str
    measure: str
    fifth: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class GroupTrend:
    """How a measure moves with practice over the fifths, and the test that it does not."""

    outcome: str
    group_basis: str
    measure: str
    slope: float | None
    slope_low: float | None
    slope_high: float | None
    p_value: float | None


@dataclass(frozen=True)
class Route:
    """Actual and expected grants of one level of one dimension of routes, of a place or an area.

    ``place`` is a municipality's code or the name of the country or region.
    """

    place: str
    outcome: str
    dimension: str
    level: str
    observed: int | None
    expected: float
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None


@dataclass(frozen=True)
class Queue:
    """What a queue made of a municipality's practice effect; log odds, ranks as elsewhere."""

    code: str
    outcome: str
    practice: float | None
    temporary: float | None
    temporary_low: float | None
    temporary_high: float | None
    lasting: float | None
    lasting_low: float | None
    lasting_high: float | None
    earlier: float | None
    earlier_low: float | None
    earlier_high: float | None
    rank: int | None
    rank_lasting: int | None
    is_temporary: bool
    is_stock_seen: bool


@dataclass(frozen=True)
class OtherPractice:
    """Grants a year of an area at its own practice and at that of ``standard``."""

    outcome: str
    standard: str
    area_code: str
    grants_now: float
    grants_if: float
    grants_change_low: float
    grants_change_high: float


@dataclass(frozen=True)
class Change:
    """A municipality's grants against expected in the window and in the one before."""

    outcome: str
    municipality_code: str
    observed: int
    expected: float
    baseline_observed: int
    baseline_expected: float
    log_ratio_change: float | None
    log_ratio_change_low: float | None
    log_ratio_change_high: float | None
    q_value: float | None
    rank: int
    rank_low: int
    rank_high: int
    level_rank: int
    level_rank_low: int
    level_rank_high: int


@dataclass(frozen=True)
class ChangePart:
    """A part of a change in the share granted; of the country ``municipality_code`` is empty."""

    outcome: str
    component: str
    change_share: float
    low: float | None
    high: float | None
    municipality_code: str


@dataclass(frozen=True)
class Followups:
    """The follow-up questions: fifths and their trends, routes, two outcomes, interviews."""

    groups: tuple[GroupFigure, ...] = ()
    trends: tuple[GroupTrend, ...] = ()
    routes: tuple[Route, ...] = ()
    area_routes: tuple[Route, ...] = ()
    queues: tuple[Queue, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    opposites: tuple[Opposite, ...] = ()
    displacements: tuple[Displacement, ...] = ()
    other_practices: tuple[OtherPractice, ...] = ()
    life_risks: tuple[LifeRisk, ...] = ()
    later_states: tuple[LaterState, ...] = ()
    activities: tuple[Activity, ...] = ()
    cases: Cases = field(default_factory=Cases)
    change_cases: tuple[ChangeCase, ...] = ()
    changes: tuple[Change, ...] = ()
    change_parts: tuple[ChangePart, ...] = ()
    country_parts: tuple[ChangePart, ...] = ()
    costs: Costs = field(default_factory=Costs)
    initiatives: tuple[Initiative, ...] = ()
    attributes: tuple[AttributeLevel, ...] = ()
    attribute_groups: tuple[AttributeGroup, ...] = ()
    attribute_tests: tuple[AttributeTest, ...] = ()
    choices: tuple[Choice, ...] = ()
    steps: tuple[Step, ...] = ()
    decision_makers: tuple[NewDecisionMaker, ...] = ()
    subgroup_areas: tuple[SubgroupArea, ...] = ()
    subgroup_spreads: tuple[SubgroupSpread, ...] = ()
    merged: Merged = field(default_factory=Merged)

    def temporary(self, outcome: str) -> frozenset[str]:
        """Return the codes of the municipalities whose deviation is partly a queue."""
        return frozenset(
            row.code for row in self.queues if row.outcome == outcome and row.is_temporary
        )

    def figures(self, outcome: str, group_basis: str, measure: str) -> list[GroupFigure]:
        """Return the figures of a measure by fifth, the first to the last."""
        return [
            row
            for row in self.groups
            if (row.outcome, row.group_basis, row.measure) == (outcome, group_basis, measure)
        ]

    def trend(self, outcome: str, group_basis: str, measure: str) -> GroupTrend | None:
        """Return the trend of a measure, None where the release has none."""
        return next(
            (
                row
                for row in self.trends
                if (row.outcome, row.group_basis, row.measure) == (outcome, group_basis, measure)
            ),
            None,
        )


def followups_from(tables: ResultTables) -> Followups:
    """Return what ``tables`` hold of the follow-up questions; an earlier release holds nothing."""
    return Followups(
        groups=rows_of(GroupFigure, tables.rank_group),
        trends=rows_of(GroupTrend, tables.rank_group_trend),
        routes=_routes(tables.route, "municipality_code"),
        area_routes=_routes(tables.route_area, "area"),
        queues=tuple(_queue(row) for row in records(tables.temporary)),
        waiting=waiting_from(tables.backlog),
        opposites=rows_of(Opposite, tables.displacement),
        displacements=rows_of(Displacement, tables.displacement_summary),
        other_practices=rows_of(OtherPractice, tables.what_if),
        life_risks=rows_of(LifeRisk, tables.life_risk),
        later_states=rows_of(LaterState, tables.later_state),
        activities=rows_of(Activity, tables.activity),
        cases=cases_from(tables),
        change_cases=rows_of(ChangeCase, tables.case_study_change),
        changes=rows_of(Change, tables.change),
        change_parts=rows_of(ChangePart, tables.change_split),
        country_parts=_country_parts(tables.change_country),
        costs=costs_from(tables),
        initiatives=initiatives_from(tables.initiative, tables.initiative_event),
        attributes=rows_of(AttributeLevel, tables.municipal_attribute),
        attribute_groups=rows_of(AttributeGroup, tables.attribute_group),
        attribute_tests=rows_of(AttributeTest, tables.attribute_group_test),
        choices=rows_of(Choice, tables.sensitivity_specification),
        steps=steps_from(tables.practice_step),
        decision_makers=rows_of(NewDecisionMaker, tables.new_decision_maker),
        subgroup_areas=rows_of(SubgroupArea, tables.diagnosis_subgroup),
        subgroup_spreads=rows_of(SubgroupSpread, tables.diagnosis_subgroup_spread),
        merged=merged_from(tables),
    )


def _queue(row: Mapping[str, Any]) -> Queue:
    parts: dict[str, Any] = {
        f"{name}{end}": real(row[f"{name}{end}"])
        for name in ("temporary", "lasting", "earlier")
        for end in ("", "_low", "_high")
    }
    return Queue(
        code=str(row["municipality_code"]),
        outcome=str(row["outcome"]),
        practice=real(row["practice_effect"]),
        rank=whole(row["rank"]),
        rank_lasting=whole(row["rank_lasting"]),
        is_temporary=bool(row["is_temporary"]),
        is_stock_seen=bool(row["is_stock_seen"]),
        **parts,
    )


def _routes(frame: pd.DataFrame, place: str) -> tuple[Route, ...]:
    routes = []
    for row in records(frame):
        known = not row["is_suppressed"] and real(row["observed"]) is not None
        routes.append(
            Route(
                place=str(row[place]),
                outcome=str(row["outcome"]),
                dimension=str(row["dimension"]),
                level=str(row["level"]),
                observed=whole(row["observed"]) if known else None,
                expected=float(row["expected"]),
                ratio=real(row["ratio"]) if known else None,
                ratio_low=real(row["ratio_low"]) if known else None,
                ratio_high=real(row["ratio_high"]) if known else None,
            )
        )
    by_level = in_order_of(routes, _LEVELS, lambda route: route.level)
    return in_order_of(by_level, _DIMENSIONS, lambda route: route.dimension)


def _country_parts(table: pd.DataFrame) -> tuple[ChangePart, ...]:
    return rows_of(ChangePart, table.assign(municipality_code=""))
