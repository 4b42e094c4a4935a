"""From the result tables to one typed object per municipality; selection, no new statistics."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from statistics import NormalDist
from typing import Any, TypeVar

import pandas as pd

from reports.content.content import OUTCOME_ORDER, MunicipalityResult
from reports.content.municipality import (
    Cases,
    Component,
    ConditionValue,
    HistoryYear,
    Near,
    Place,
    RankRange,
    ReportedYear,
    SpecificationResult,
)
from reports.content.near import near_from
from reports.content.read import ResultTables
from reports.content.values import real, records, text, whole

COMPONENTS = ("composition", "framework_conditions", "practice", "total")
SPECIFICATIONS = (
    *("base", "pooled", "conditions", "no_health", "decision_municipality"),
    *("age_18_39", "age_40_64", "without_movers", "short_look_back"),
    *("without_queue", "prior_normal", "prior_free", "without_flexjob", "with_flexjob", "paid"),
)
T = TypeVar("T")
Row = Mapping[str, Any]


def places_from(
    tables: ResultTables, rows: Iterable[MunicipalityResult], level: float
) -> tuple[Place, ...]:
    """Return a place for each of ``rows`` in alphabetical order; what is not held is empty."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    order = {name: place for place, name in enumerate(OUTCOME_ORDER)}

    def by_code(frame: pd.DataFrame, of: Callable[[Row], T]) -> dict[str, list[T]]:
        by_place: dict[str, list[T]] = {}
        for row in records(frame):
            by_place.setdefault(str(row["municipality_code"]), []).append(of(row))
        return by_place

    def by_outcome(part: Any) -> int:
        return order.get(part.outcome, len(order))

    components = by_code(tables.decomposition, _component)
    history = by_code(tables.grant_history, _history)
    conditions = by_code(tables.framework_condition, _condition)
    specifications = by_code(tables.sensitivity, lambda row: _specification(row, z))
    ranges = by_code(tables.sensitivity_summary, _range)
    cases = by_code(tables.case_processing, _cases)
    reported = by_code(tables.completeness, _reported)
    listed = sorted(rows, key=lambda row: row.alphabetical)
    names = {row.code: row.name for row in listed}
    about = {str(row["municipality_code"]): row for row in records(tables.municipality)}

    def near(code: str, which: str) -> tuple[Near, ...]:
        return near_from(text(about[code][which]) if code in about else None, names)

    return tuple(
        Place(
            code=row.code,
            name=row.name,
            region=row.region,
            components=tuple(
                sorted(components.get(row.code, ()), key=lambda p: _at(COMPONENTS, p.component))
            ),
            history=tuple(history.get(row.code, ())),
            conditions=tuple(conditions.get(row.code, ())),
            neighbours=near(row.code, "neighbours"),
            similar=near(row.code, "similar_municipalities"),
            specifications=tuple(
                sorted(
                    specifications.get(row.code, ()),
                    key=lambda s: (_at(SPECIFICATIONS, s.specification), s.specification),
                )
            ),
            ranges=tuple(sorted(ranges.get(row.code, ()), key=by_outcome)),
            cases=tuple(sorted(cases.get(row.code, ()), key=by_outcome)),
            reported=tuple(reported.get(row.code, ())),
        )
        for row in listed
    )


def _at(order: tuple[str, ...], name: str) -> int:
    return order.index(name) if name in order else len(order)


def _component(row: Row) -> Component:
    return Component(
        outcome=str(row["outcome"]),
        component=str(row["component"]),
        share=float(row["difference_share"]),
        low=real(row["low"]),
        high=real(row["high"]),
        grants=float(row["difference_grants"]),
    )


def _history(row: Row) -> HistoryYear:
    known = not row["is_suppressed"]
    return HistoryYear(
        outcome=str(row["outcome"]),
        year=int(row["year"]),
        residents=int(row["residents"]),
        observed=whole(row["observed"]) if known else None,
        share=real(row["observed_share"]) if known else None,
        # A release of an earlier version has no limits.
        share_low=real(row.get("observed_share_low")) if known else None,
        share_high=real(row.get("observed_share_high")) if known else None,
    )


def _condition(row: Row) -> ConditionValue:
    return ConditionValue(
        str(row["condition"]),
        float(row["value"]),
        float(row["country_value"]),
        float(row["standardised"]),
    )


def _specification(row: Row, z: float) -> SpecificationResult:
    is_withheld = bool(row["is_suppressed"])
    effect = None if is_withheld else real(row["practice_effect"])
    error = real(row["practice_effect_se"])
    known = effect is not None and error is not None
    return SpecificationResult(
        specification=str(row["specification"]),
        outcome=str(row["outcome"]),
        odds=None if effect is None else math.exp(effect),
        odds_low=math.exp((effect or 0.0) - z * (error or 0.0)) if known else None,
        odds_high=math.exp((effect or 0.0) + z * (error or 0.0)) if known else None,
        rank=None if is_withheld else whole(row["rank"]),
    )


def _range(row: Row) -> RankRange:
    return RankRange(
        outcome=str(row["outcome"]),
        n_specifications=int(row["n_specifications"]),
        lowest=int(row["rank_lowest"]),
        highest=int(row["rank_highest"]),
        share_lowest_quintile=float(row["share_lowest_quintile"]),
        share_highest_quintile=float(row["share_highest_quintile"]),
    )


def _cases(row: Row) -> Cases:
    shown = {name: None if row["is_suppressed"] else real(row[name]) for name in _CASE_NUMBERS}
    counts = {name: None if row["is_suppressed"] else whole(row[name]) for name in _CASE_COUNTS}
    return Cases(outcome=str(row["outcome"]), **counts, **shown)  # type: ignore[arg-type]


_CASE_COUNTS = ("n_decisions", "n_grants", "n_refusals")
_CASE_NUMBERS = (
    *("median_days", "median_low", "median_high"),
    *("grants_per_refusal", "grants_per_refusal_low", "grants_per_refusal_high"),
    *("mental_share", "mental_share_low", "mental_share_high"),
)


def _reported(row: Row) -> ReportedYear:
    return ReportedYear(
        year=int(row["year"]),
        n_register=whole(row["n_register"]),
        n_dream=whole(row["n_dream"]),
        coverage=real(row["coverage"]),
        coverage_low=real(row["coverage_low"]),
        coverage_high=real(row["coverage_high"]),
        is_reported=bool(row["is_reported"]),
        # Releases made before the column existed do not know.
        is_in_quarantine=bool(row.get("is_in_quarantine", False)),
        first_unreported_month=whole(row["first_unreported_month"]),
        last_unreported_month=whole(row["last_unreported_month"]),
    )
