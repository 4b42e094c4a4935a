"""Diagnosis by cash-benefit tenure for the country, and how a cell is told anywhere."""

from __future__ import annotations

from typing import Any

from reports.charts.large import direction
from reports.content.cells import NationalCell, NationalTable
from reports.language.formatting import SUPPRESSED
from reports.told.blocks import Body, Cell, Column, Row, Section, Table, Text, column, folded
from reports.told.telling import Telling

#: Marks of an interval that lies wholly below or above 1.
SIGNS = {"low": "▾", "high": "▴"}


def breakdown(p: Telling) -> Section:
    """Return diagnosis by tenure of the country, the outcomes beside the main one folded."""
    t, n = p.t, p.n
    title = t("breakdown.title")
    if not p.content.national:
        return Section("breakdown", title, (Text(t("breakdown.missing"), "notice"),))
    blocks: list[Any] = [Text(t("breakdown.lead"))]
    for table in p.content.national:
        is_main = table.outcome == p.main_outcome
        listed: list[Any] = [_national(p, table)]
        if is_main:
            listed.append(Text(t("breakdown.national_note"), "note"))
            if p.content.choices.has_noise:
                total = p.count(p.content.main.observed, p.content.main.noise_sd)
                listed.append(Text(t("breakdown.national_sums_noise", total=total), "note"))
        if table.n_suppressed:
            counts = {"hidden": table.n_suppressed, "cells": table.n_cells}
            said = {key: n.count(value) for key, value in counts.items()}
            listed.append(Text(t(p.protected("breakdown.national_hidden"), **said), "note"))
        blocks += folded(table.outcome, p.main_outcome, p.outcome(table.outcome), listed)
    if p.content.choices.disclosure_control:
        blocks.append(Text(t(p.protected("breakdown.suppressed_note")), "note"))
    return Section("breakdown", title, tuple(blocks))


def cell_table(
    p: Telling, caption: str, names: tuple[str, ...], rows: list[Row], look: str = "cells"
) -> Table:
    """Return rows of diagnoses under tenure bands ``names``, the total in the last column."""
    t = p.t
    return Table(
        caption=caption,
        columns=(
            column(t("breakdown.diagnosis"), width=26.0),
            *(Column(name, width=14.0) for name in names),
            Column(t("breakdown.total"), width=13.0),
        ),
        over=(("", 1), (t("breakdown.tenure"), len(names)), ("", 1)),
        bodies=(Body(tuple(rows)),),
        look=look,
    )


def _national(p: Telling, table: NationalTable) -> Table:
    t = p.t
    names = (*(t.diagnosis(group) for group in table.diagnoses), t("breakdown.total"))
    last = len(table.cells) - 1
    rows = [
        Row(
            Cell(name),
            tuple(_cell(p, cell) for cell in line),
            "total" if at == last else "",
        )
        for at, (name, line) in enumerate(zip(names, table.cells, strict=True))
    ]
    caption = t(
        "breakdown.national_caption",
        outcome=p.outcome(table.outcome),
        model=p.model(),
        years=p.years,
    )
    tenures = tuple(t.level("tenure_band", band) for band in table.tenures)
    return cell_table(p, caption, tenures, rows)


def _cell(p: Telling, cell: NationalCell) -> Cell:
    t, n = p.t, p.n
    lines = [t("breakdown.expected_short", value=n.number(cell.expected))]
    if cell.observed is None:
        return Cell(
            SUPPRESSED, lines=tuple(lines), look="hidden-count", said=t("breakdown.suppressed")
        )
    if cell.ratio is not None:
        ratio = t("breakdown.ratio_short", value=n.number(cell.ratio, 2))
        lines.append(ratio)
        if cell.ratio_low is not None and cell.ratio_high is not None:
            lines.append(f"({p.ratio_limits(cell.ratio_low, cell.ratio_high)})")
    way = direction(cell.ratio_low, cell.ratio_high)
    return Cell(
        n.count(cell.observed),
        lines=tuple(lines),
        look={"low": "fewer-sure", "high": "more-sure"}.get(way, ""),
        sign=SIGNS.get(way, ""),
        said={"low": t("breakdown.fewer"), "high": t("breakdown.more")}.get(way, ""),
    )
