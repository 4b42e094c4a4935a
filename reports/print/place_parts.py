"""What a municipality's printed page says by diagnosis, by year, by age and in sentences."""

from __future__ import annotations

from typing import Any

from reportlab.platypus import Flowable, Spacer

from reports.charts.large import direction
from reports.content.cells import Cell
from reports.content.municipality import Place, Slice
from reports.language.formatting import MISSING, SUPPRESSED
from reports.print.context import Printed
from reports.print.style import (
    CELL,
    FEWER_PALE,
    MORE_PALE,
    marked,
    table,
    text,
)


def cells_of(p: Printed, cells: tuple[Cell, ...]) -> list[Flowable]:
    """Return diagnosis by tenure of one municipality for the main view, empty without cells."""
    tenures, diagnoses = p.content.tenures, p.content.diagnoses
    if not cells:
        return []
    rows: list[list[Any]] = []
    shades: list[tuple[Any, ...]] = []
    for line, group in enumerate(diagnoses):
        found = cells[line * len(tenures) : (line + 1) * len(tenures)]
        rows.append([p.words.diagnosis(group), *(_figure(p, cell) for cell in found)])
        for at, cell in enumerate(found, start=1):
            way = direction(cell.ratio_low, cell.ratio_high)
            if way != "within":
                shade = FEWER_PALE if way == "low" else MORE_PALE
                shades.append(("BACKGROUND", (at, line + 1), (at, line + 1), shade))
    heading = [
        p.t("breakdown.diagnosis"),
        *(p.words.level("tenure_band", band) for band in tenures),
    ]
    outcome = p.words.label("outcome", p.content.main.outcome)
    return [
        marked(f"{p.t('pdf.place_cells')} · {outcome}, {p.model}", p.mark),
        table(heading, rows, [34.0] + [15.0] * len(tenures), *shades),
    ]


def _figure(p: Printed, cell: Cell) -> str:
    if cell.observed is None and not cell.is_suppressed:
        return MISSING
    count = SUPPRESSED if cell.observed is None else p.numbers.count(cell.observed)
    sign = {"low": "▾", "high": "▴"}.get(direction(cell.ratio_low, cell.ratio_high), "")
    expected = p.numbers.number(cell.expected)
    return p.t("pdf.actual_expected", observed=f"{count}{sign}", expected=expected)


def slices_of(p: Printed, slices: list[Slice], title: str, kind: str) -> list[Flowable]:
    """Return a table over years or age bands under the main model, empty without them."""
    main = p.content.main
    chosen = [part for part in slices if part.model == main.model]
    if kind == "age_band":
        chosen = [part for part in chosen if part.outcome == main.outcome]
    parts = list(dict.fromkeys(part.part for part in chosen))
    if not parts:
        return []
    found = {(part.outcome, part.part): part for part in chosen}
    rows: list[list[Any]] = [
        [
            p.words.label("outcome", outcome),
            *(_slice(p, found.get((outcome, part))) for part in parts),
        ]
        for outcome in dict.fromkeys(view.outcome for view in p.content.views)
        if any(part.outcome == outcome for part in chosen)
    ]
    names = [part if kind == "year" else p.words.level(kind, part) for part in parts]
    heading = [p.t("what_if.outcome"), *names]
    return [
        marked(f"{p.t(title)} · {p.model}", p.mark),
        table(heading, rows, [34.0] + [75.0 / len(parts)] * len(parts)),
    ]


def _slice(p: Printed, part: Slice | None) -> str:
    if part is None:
        return MISSING
    count = SUPPRESSED if part.observed is None else p.numbers.count(part.observed)
    sign = {"low": "▾", "high": "▴"}.get(direction(part.ratio_low, part.ratio_high), "")
    expected = p.numbers.number(part.expected)
    return p.t("pdf.actual_expected", observed=f"{count}{sign}", expected=expected)


def sentences_of(p: Printed, place: Place) -> list[Flowable]:
    """Return sensitivity and case processing in sentences, none where figures are withheld."""
    n, parts = p.numbers, []
    for found in place.ranges:
        if found.outcome == p.content.main.outcome:
            parts.append(
                p.t(
                    "pdf.place_sensitivity",
                    n=n.count(found.n_specifications),
                    low=n.count(found.lowest),
                    high=n.count(found.highest),
                    outcome=p.words.label("outcome", found.outcome),
                )
            )
    for cases in place.cases:
        if cases.median_days is not None:
            parts.append(
                p.t(
                    "pdf.place_cases",
                    outcome=p.words.label("outcome", cases.outcome).casefold(),
                    days=n.count(cases.median_days),
                    days_interval=n.interval(cases.median_low, cases.median_high, 0),
                    per_refusal=n.number(cases.grants_per_refusal),
                    per_refusal_interval=n.interval(
                        cases.grants_per_refusal_low, cases.grants_per_refusal_high, 1
                    ),
                    mental=n.percent(cases.mental_share),
                    mental_interval=_percents(p, cases.mental_share_low, cases.mental_share_high),
                )
            )
    return [Spacer(1, 5), *(text(sentence, CELL) for sentence in parts)]


def _percents(p: Printed, low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return MISSING
    return f"{p.numbers.percent(low)}–{p.numbers.percent(high)}"
