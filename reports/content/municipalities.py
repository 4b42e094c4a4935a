"""From the result tables to one typed object per municipality; selection, no new statistics.

Two lists are made here. *Neighbours* are the municipalities whose tiles touch on the schematic map
(at least three, then the nearest tiles): a list to look around with, not a list of borders.
*Similar conditions* are the five with the smallest distance over all framework conditions, each in
standard deviations; the distance is the root mean square.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from statistics import NormalDist, median
from typing import Any, TypeVar

import pandas as pd

from reports.content.content import OUTCOME_ORDER, MunicipalityResult
from reports.content.municipality import (
    Cases,
    Component,
    ConditionValue,
    HistoryYear,
    MiddleCases,
    Near,
    Place,
    RankRange,
    ReportedYear,
    Slice,
    SpecificationResult,
)
from reports.content.read import ResultTables
from reports.content.tile_map import layout
from reports.content.values import real, whole

N_SIMILAR = 5
#: Share of the residents that shown municipalities must hold to stand in for the country.
_SHOWN_SHARE = 0.9
_AT_LEAST_NEIGHBOURS = 3
_TOUCHING = 1.5
COMPONENTS = ("composition", "framework_conditions", "practice", "total")
SPECIFICATIONS = (
    *("base", "pooled", "conditions", "no_health", "decision_municipality"),
    *("age_18_39", "age_40_64", "without_movers"),
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
        found: dict[str, list[T]] = {}
        for row in records(frame):
            found.setdefault(str(row["municipality_code"]), []).append(of(row))
        return found

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
            neighbours=neighbours(row.code, names),
            similar=similar(row.code, conditions, names),
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


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of ``frame`` as dictionaries; quick for many rows."""
    columns = [str(name) for name in frame.columns]
    values = (frame[name].tolist() for name in columns)
    return [dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)]


def slices_from(frame: pd.DataFrame, part: str) -> tuple[Slice, ...]:
    """Return the rows of a table by outcome, model, perhaps municipality, and column ``part``.

    A withheld count never goes further, nor what would give it back.
    """
    found = []
    for row in records(frame):
        known = not row["is_suppressed"] and real(row["observed"]) is not None
        found.append(
            Slice(
                outcome=str(row["outcome"]),
                model=str(row["model"]),
                code=str(row.get("municipality_code", "")),
                part=str(row[part]),
                n_at_risk=int(row["n_at_risk"]),
                observed=whole(row["observed"]) if known else None,
                expected=float(row["expected"]),
                ratio=real(row["ratio"]) if known else None,
                ratio_low=real(row["ratio_low"]) if known else None,
                ratio_high=real(row["ratio_high"]) if known else None,
            )
        )
    return tuple(found)


def shown_country(places: Iterable[Place]) -> tuple[HistoryYear, ...]:
    """Return the grants and residents of the municipalities whose count of the year is shown.

    It stands in for the country, whose yearly totals the release does not hold: a municipality
    whose count is withheld is left out of both sums. Counts withheld are the small ones, so a year
    whose shown municipalities hold less than nine tenths of the residents is left out.
    """
    sums: dict[tuple[str, int], list[int]] = {}
    for place in places:
        for year in place.history:
            total = sums.setdefault((year.outcome, year.year), [0, 0, 0])
            total[0] += year.residents
            if year.observed is not None:
                total[1] += year.residents
                total[2] += year.observed
    return tuple(
        HistoryYear(outcome, year, shown, observed, observed / shown)
        for (outcome, year), (residents, shown, observed) in sorted(sums.items())
        if shown and shown >= _SHOWN_SHARE * residents
    )


def middle_cases(places: Iterable[Place]) -> tuple[MiddleCases, ...]:
    """Return the median municipality's case processing for each outcome."""
    by_outcome: dict[str, list[Cases]] = {}
    for place in places:
        for cases in place.cases:
            by_outcome.setdefault(cases.outcome, []).append(cases)

    def middle(values: Iterable[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return median(known) if known else None

    return tuple(
        MiddleCases(
            outcome,
            middle(case.median_days for case in listed),
            middle(case.grants_per_refusal for case in listed),
            middle(case.mental_share for case in listed),
        )
        for outcome, listed in by_outcome.items()
    )


def neighbours(code: str, names: Mapping[str, str]) -> tuple[Near, ...]:
    """Return the municipalities whose tiles touch that of ``code``, nearest first.

    Where fewer than three touch, the nearest tiles make up three. A code without a tile has none.
    """
    tiles = layout()
    if code not in tiles:
        return ()
    column, row, _ = tiles[code]
    found = [
        Near(other, names[other], math.hypot(column - x, row - y))
        for other, (x, y, _) in tiles.items()
        if other != code and other in names
    ]
    found.sort(key=lambda near: (near.distance, near.name))
    touching = [near for near in found if near.distance < _TOUCHING]
    return tuple(found[: max(len(touching), _AT_LEAST_NEIGHBOURS)])


def similar(
    code: str, conditions: Mapping[str, list[ConditionValue]], names: Mapping[str, str]
) -> tuple[Near, ...]:
    """Return the five municipalities nearest in framework conditions, nearest first."""
    own = {row.condition: row.standardised for row in conditions.get(code, ())}
    if not own:
        return ()
    found = []
    for other, listed in conditions.items():
        theirs = {row.condition: row.standardised for row in listed}
        if other == code or other not in names or set(theirs) != set(own):
            continue
        square = math.fsum((theirs[name] - value) ** 2 for name, value in own.items())
        found.append(Near(other, names[other], math.sqrt(square / len(own))))
    return tuple(sorted(found, key=lambda near: (near.distance, near.name))[:N_SIMILAR])


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
        first_unreported_month=whole(row["first_unreported_month"]),
        last_unreported_month=whole(row["last_unreported_month"]),
    )
