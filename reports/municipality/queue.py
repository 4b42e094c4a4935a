"""Queue or practice: what a queue made of the municipality's deviation, and what lasts."""

from __future__ import annotations

from reports.municipality.view import Own
from reports.told.blocks import Body, Cell, Row, Section, Table, Text, column
from reports.told.followups.queue import part_columns, sentence


def queue(p: Own) -> tuple[Section, ...]:
    """Return the section on the queue of the municipality; none where the release has none."""
    listed = [row for row in p.content.followups.queues if row.code == p.place.code]
    if not listed:
        return ()
    t = p.t
    main = next((row for row in listed if row.outcome == p.main_outcome), listed[0])
    rows = tuple(
        Row(
            Cell(p.outcome(row.outcome)),
            (
                p.effect(row.practice),
                p.effect(row.temporary, row.temporary_low, row.temporary_high),
                p.effect(row.lasting, row.lasting_low, row.lasting_high),
                p.effect(row.earlier, row.earlier_low, row.earlier_high),
            ),
        )
        for outcome in p.outcomes
        for row in listed
        if row.outcome == outcome and (row.temporary is not None or row.earlier is not None)
    )
    said = Text(sentence(p, main))
    if not rows:
        return (Section("queue", t("queue.title"), (said,)),)
    caption = t("queue.caption_place", name=p.place.name, years=p.years)
    columns = (column(t("place_development.outcome"), width=26.0), *part_columns(p))
    blocks = (
        said,
        Table(caption, columns, (Body(rows),), look="small"),
        Text(t("queue.note"), "note"),
    )
    return (Section("queue", t("queue.title"), blocks),)
