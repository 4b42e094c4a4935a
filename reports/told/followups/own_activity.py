"""Measures before the grants of a municipality's citizens, beside the whole country's."""

from __future__ import annotations

from typing import Any

from reports.content.courses import COUNTRY
from reports.content.followups.activity import ALL, ANY, MEASURES, THIRDS, WEEKS
from reports.told.blocks import Body, Cell, Row, Section, Text
from reports.told.followups.activity import cell, figures_of, outcomes_of, said_of, table_of
from reports.told.telling import Telling

_COLUMNS = ((ANY, ALL), (MEASURES, ALL), *((WEEKS, part) for part in (ALL, *THIRDS)))


def own_activity(p: Telling, code: str, name: str) -> tuple[Section, ...]:
    """Return the section of municipality ``code``; none where nothing is shown.

    A sentence for each outcome and a table.
    """
    t = p.t
    blocks: list[Any] = []
    bodies = []
    for outcome in outcomes_of(p):
        own, country = (figures_of(p, outcome, area) for area in (code, COUNTRY))
        said = said_of(p, own)
        if said is None:
            continue
        timing = own[WEEKS, ALL].timing or "untold"
        blocks.append(
            Text(
                t(
                    "activity.own",
                    outcome=p.outcome(outcome),
                    n=p.n.count(own[ANY, ALL].n_persons),
                    timing=t(f"activity.timing_{timing}"),
                    **said,
                )
            )
        )
        listed = ((name, own), (t("life.denmark"), country))
        rows = [
            Row(Cell(label), tuple(cell(p, of.get(key)) for key in _COLUMNS))
            for label, of in listed
        ]
        bodies.append(Body(tuple(rows), p.outcome(outcome)))
    if not blocks:
        return ()
    caption = t("activity.caption_own", years=p.years)
    blocks.append(table_of(p, caption, t("life.area"), _COLUMNS, bodies))
    blocks.append(Text(t("activity.own_note"), "note"))
    return (Section("activity", t("activity.title"), tuple(blocks)),)
