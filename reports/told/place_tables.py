"""The tables of a municipality's page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reports.content.cells import Cell
from reports.content.content import MunicipalityResult
from reports.content.municipality import Near, Slice
from reports.language.formatting import MISSING, SUPPRESSED
from reports.language.labels import condition_label, condition_value
from reports.told.heat import cell_of, heat_kind, sum_of
from reports.told.place_view import PlaceView


def results(page: PlaceView) -> list[tuple[str, list[tuple[str, MunicipalityResult]]]]:
    """Return per outcome its name and the result under each model that has one."""
    tables = []
    for outcome in page.outcomes:
        models = [view.model for view in page.content.views if view.outcome == outcome]
        rows = [(model, row) for model in models if (row := page.row(outcome, model))]
        tables.append((outcome, rows))
    return tables


def heat(page: PlaceView) -> list[dict[str, Any]]:
    """Return per outcome the cells of diagnosis and tenure with their sums."""
    tables = []
    width = len(page.content.tenures)
    for outcome in page.outcomes:
        found = page.lookup.cells.get((outcome, page.main.model, page.place.code))
        row = page.row(outcome)
        if found is None or row is None:
            continue
        cells = found.cells
        lines = [
            (page.t.diagnosis(group), [*line, sum_of(line)])
            for place, group in enumerate(page.content.diagnoses)
            if (line := list(cells[place * width : (place + 1) * width]))
        ]
        columns = [sum_of(list(cells[place::width])) for place in range(width)]
        whole = Cell(row.observed, row.expected, row.ratio_low, row.ratio_high, False)
        lines.append((page.t("breakdown.total"), [*columns, whole]))
        tables.append(
            {
                "outcome": outcome,
                "lines": [(name, [heat_cell(page, c) for c in line]) for name, line in lines],
                "n_hidden": sum(cell.is_suppressed for cell in cells),
                "n_cells": len(cells),
            }
        )
    return tables


def heat_cell(page: PlaceView, cell: Cell) -> dict[str, Any]:
    """Return how one cell is printed: numbers, kind of its colour, sign and spoken words."""
    observed = cell.observed
    kind = heat_kind(cell)
    return {
        "kind": kind,
        "observed": SUPPRESSED if observed is None else page.n.count(observed),
        "is_hidden": observed is None,
        "expected": page.n.number(cell.expected),
        "sign": {"fewer-sure": "▾", "more-sure": "▴"}.get(kind, ""),
        "said": {
            "fewer-sure": page.t("breakdown.fewer"),
            "more-sure": page.t("breakdown.more"),
        }.get(kind, ""),
    }


def ages(page: PlaceView) -> list[dict[str, Any]]:
    """Return per outcome the lines of its age bands."""
    return [
        {
            "outcome": outcome,
            "lines": [
                (page.t.level("age_band", part.part), heat_cell(page, cell_of(part)), part)
                for part in parts
            ],
        }
        for outcome in page.outcomes
        if (parts := page.lookup.ages.get((outcome, page.main.model, page.place.code)))
    ]


def window(page: PlaceView) -> list[tuple[str, list[Slice]]]:
    """Return per outcome its years at risk in the benchmark's window."""
    return [
        (outcome, parts)
        for outcome in page.outcomes
        if (parts := page.lookup.years.get((outcome, page.main.model, page.place.code)))
    ]


def near(page: PlaceView) -> list[tuple[str, list[MunicipalityResult]]]:
    """Return the rows of the municipality itself, its neighbours and similar ones, by group."""

    def rows(listed: Iterable[Near]) -> list[MunicipalityResult]:
        outcome, model = page.main.outcome, page.main.model
        keys = [(outcome, model, one.code) for one in listed]
        return [page.lookup.rows[key] for key in keys if key in page.lookup.rows]

    own = page.row(page.main.outcome)
    groups = [("own", [own] if own else []), ("neighbours", rows(page.place.neighbours))]
    if page.place.similar:
        groups.append(("similar", rows(page.place.similar)))
    return groups


def conditions(page: PlaceView) -> list[tuple[str, str, str, str]]:
    """Return per framework condition its name, value, that of the country, and place in words."""
    return [
        (
            condition_label(one.condition, page.t),
            condition_value(one.condition, one.value, page.t, page.n),
            condition_value(one.condition, one.country, page.t, page.n),
            page.t(f"place_near.{position(one.standardised)}"),
        )
        for one in page.place.conditions
    ]


def cases(page: PlaceView) -> list[tuple[str, list[dict[str, str]]]]:
    """Return per outcome the lines of case processing beside the middle municipality's."""
    middles = {middle.outcome: middle for middle in page.content.middle_cases}
    tables = []
    for case in page.place.cases:
        if case.n_decisions is None:
            continue
        middle = middles[case.outcome]
        low, high = case.grants_per_refusal_low, case.grants_per_refusal_high
        lines = [
            ("decisions", page.n.count(case.n_decisions), "", ""),
            (
                "days",
                page.n.count(case.median_days),
                page.n.interval(case.median_low, case.median_high, 0),
                page.n.count(middle.median_days),
            ),
            (
                "grants_per_refusal",
                page.n.number(case.grants_per_refusal),
                page.n.interval(low, high, 1),
                page.n.number(middle.grants_per_refusal),
            ),
            (
                "mental_share",
                page.n.percent(case.mental_share),
                _percents(page, case.mental_share_low, case.mental_share_high),
                page.n.percent(middle.mental_share),
            ),
        ]
        names = ("measure", "value", "interval", "middle")
        tables.append((case.outcome, [dict(zip(names, line, strict=True)) for line in lines]))
    return tables


def _percents(page: PlaceView, low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return MISSING
    return f"{page.n.count(100 * low)}–{page.n.percent(high)}"


def position(standardised: float) -> str:
    """Return in a word where a condition lies among municipalities, by standard deviations."""
    if abs(standardised) < 0.5:
        return "near"
    side = "above" if standardised > 0 else "below"
    return f"far_{side}" if abs(standardised) > 1.5 else side
