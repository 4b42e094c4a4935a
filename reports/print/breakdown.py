"""Diagnosis by tenure of the whole country, printed."""

from __future__ import annotations

from typing import Any

from reportlab.platypus import Flowable, KeepTogether, PageBreak, Paragraph, Spacer

from reports.charts.large import direction
from reports.content.cells import NationalCell, NationalTable
from reports.language.formatting import SUPPRESSED
from reports.print.context import Printed, plain
from reports.print.style import (
    BOLD,
    CELL_BOLD,
    CELL_DENSE,
    FEWER_PALE,
    MORE_PALE,
    NOTE,
    NOTICE,
    marked,
    table,
    text,
)


def breakdown(p: Printed) -> list[Flowable]:
    """Return diagnosis by tenure of the country, a table per outcome."""
    parts: list[Flowable] = [
        PageBreak(),
        p.section("breakdown", p.t("breakdown.title")),
    ]
    if not p.content.national:
        return [*parts, text(p.t("breakdown.missing"), NOTICE)]
    parts.append(text(p.t("breakdown.lead")))
    notes = [text(p.t("breakdown.national_note"), NOTE)]
    if p.content.choices.disclosure_control:
        notes.append(text(p.t("breakdown.suppressed_note"), NOTE))
    for at, national in enumerate(p.content.national):
        parts += [KeepTogether(_national(p, national)), *([] if at else notes), Spacer(1, 6)]
    return parts


def _national(p: Printed, national: NationalTable) -> list[Flowable]:
    caption = p.t(
        "breakdown.national_caption",
        outcome=p.words.label("outcome", national.outcome),
        model=p.model,
        years=p.years,
    )
    total = p.t("breakdown.total")
    names = [p.words.diagnosis(group) for group in national.diagnoses]
    heading = [
        p.t("breakdown.diagnosis"),
        *(p.words.level("tenure_band", band) for band in national.tenures),
        total,
    ]
    rows: list[list[Any]] = []
    shades: list[tuple[Any, ...]] = []
    for line, (name, cells) in enumerate(
        zip([*names, total], national.cells, strict=True), start=1
    ):
        rows.append([text(name, CELL_BOLD), *(_cell(p, cell) for cell in cells)])
        shades += [
            ("BACKGROUND", (at, line), (at, line), shade)
            for at, cell in enumerate(cells, start=1)
            if (shade := _shade(cell))
        ]
    parts: list[Flowable] = [
        marked(caption, p.mark),
        table(heading, rows, [20.0] + [14.0] * (len(heading) - 1), *shades),
    ]
    if national.n_suppressed:
        hidden, cells_in_all = national.n_suppressed, national.n_cells
        note = p.t(
            "breakdown.national_hidden",
            hidden=p.numbers.count(hidden),
            cells=p.numbers.count(cells_in_all),
        )
        parts.append(text(note, NOTE))
    return parts


def _cell(p: Printed, cell: NationalCell) -> Paragraph:
    n = p.numbers
    count = SUPPRESSED if cell.observed is None else n.count(cell.observed)
    sign = {"low": " ▾", "high": " ▴"}.get(direction(cell.ratio_low, cell.ratio_high), "")
    lines = [f"<font name='{BOLD}'>{plain(count + sign)}</font>"]
    expected = p.t("breakdown.expected_short", value=n.number(cell.expected))
    lines.append(f"<font size='5.9'>{plain(expected)}</font>")
    if cell.ratio is not None:
        ratio = p.t("breakdown.ratio_short", value=n.number(cell.ratio, 2))
        if cell.ratio_low is not None:
            ratio += f" ({n.interval(cell.ratio_low, cell.ratio_high)})"
        lines.append(f"<font size='5.4' color='#54606d'>{plain(ratio)}</font>")
    return Paragraph("<br/>".join(lines), CELL_DENSE)


def _shade(cell: NationalCell) -> Any:
    way = direction(cell.ratio_low, cell.ratio_high)
    return {"low": FEWER_PALE, "high": MORE_PALE}.get(way)
