"""Who leaves cash and education benefit how fast, by year of tenure."""

from __future__ import annotations

from typing import Any

from reports.content.courses import Exit
from reports.language.formatting import SUPPRESSED
from reports.told.blocks import Body, Cell, Column, Fold, Heading, Row, Table, Text, column
from reports.told.telling import Telling


def exits(p: Telling) -> list[Any]:
    """Return how fast people leave, in words and by year of tenure; nothing where not known."""
    t, n = p.t, p.n
    every = p.content.courses.exits
    if not every:
        return []
    year = max(one.year for one in every)
    rows = [one for one in every if one.year == year]
    shown = [one for one in rows if one.exit_share is not None]
    if not shown:
        return []
    first = shown[0]
    fifth = next((one for one in shown if one.tenure_year == 5), shown[-1])
    said = t(
        "tenure.exit",
        first=n.percent(first.exit_share),
        first_limits=n.in_percent(first.exit_share_low, first.exit_share_high),
        year=year,
        fifth=n.percent(fifth.exit_share),
        fifth_limits=n.in_percent(fifth.exit_share_low, fifth.exit_share_high),
        passed=fifth.tenure_year,
    )
    table = Table(
        t("tenure.exit_caption", year=year),
        (
            column(t("tenure.passed"), width=28.0),
            Column(t("tenure.at_start"), width=24.0),
            Column(t("tenure.left"), width=20.0),
            Column(t("tenure.exit_share"), width=28.0),
        ),
        (Body(tuple(_exit_row(p, one) for one in rows)),),
    )
    return [
        Heading(t("tenure.exit_title")),
        Text(said),
        Fold(t("tenure.exit_open"), (table,)),
    ]


def _exit_row(p: Telling, one: Exit) -> Row:
    n = p.n
    limits = n.in_percent(one.exit_share_low, one.exit_share_high)
    years = p.t(
        "tenure.ten_or_more" if one.tenure_year == 10 else "tenure.years",
        n=one.tenure_year,
        next=one.tenure_year + 1,
    )
    return Row(
        Cell(years),
        (
            Cell(counted(p, one.n_persons)),
            Cell(counted(p, one.n_exits)),
            Cell(n.percent(one.exit_share), soft=f"({limits})")
            if one.n_persons is not None
            else Cell(SUPPRESSED),
        ),
    )


def counted(p: Telling, count: int | None) -> str:
    """Return a count as it is written, the sign of what is withheld for None."""
    return SUPPRESSED if count is None else p.n.count(count)
