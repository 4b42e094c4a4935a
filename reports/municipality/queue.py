"""Queue or practice: what a queue made of the deviation, what lasts, and how many waited."""

from __future__ import annotations

import math

from reports.content.followups.figures import Queue
from reports.language.transitions import inside
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
    waiting = _waiting(p, main)
    if not rows:
        return (Section("queue", t("queue.title"), (said, *waiting)),)
    caption = t("queue.caption_place", name=p.place.name, years=p.years)
    columns = (column(t("place_development.outcome"), width=26.0), *part_columns(p))
    blocks = (
        said,
        *waiting,
        Table(caption, columns, (Body(rows),), look="small"),
        Text(t("queue.note"), "note"),
    )
    return (Section("queue", t("queue.title"), blocks),)


def _waiting(p: Own, main: Queue) -> list[Text]:
    """Return how many cases waited at the ends of the years, where the applications are known."""
    years = [
        row
        for row in p.content.followups.waiting
        if (row.code, row.outcome) == (p.place.code, main.outcome)
    ]
    if not years or not main.is_stock_seen:
        return []
    choices = p.content.choices
    noise_sd = math.sqrt(choices.disclosure_variance) if choices.has_noise else 0.0
    listed = [
        p.t("queue.waiting_year", year=row.year, count=p.count(row.n_pending, noise_sd))
        for row in years
    ]
    said = p.t("queue.waiting", outcome=inside(p.outcome(main.outcome)), list=p.n.listed(listed))
    return [Text(said)]
