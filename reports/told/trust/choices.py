"""Whether ranks hold under other choices of method: the country's picture, and each choice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reports.charts.spans import Span, span_chart
from reports.content.followups.choices import Choice
from reports.content.municipality import Place, RankRange
from reports.language.formatting import MISSING
from reports.language.labels import specification_label
from reports.told.blocks import (
    Body,
    Cell,
    Column,
    Figure,
    Row,
    Section,
    Table,
    Text,
    column,
    folded,
)
from reports.told.telling import Telling

_BASE = "base"
#: Parts that the ranking is told in.
_N_FIFTHS = 5


def choices(p: Telling) -> tuple[Section, ...]:
    """Return the section of the country; none of a release without the table."""
    held = p.content.followups.choices
    outcomes = p.outcomes_among({row.outcome for row in held})
    if not outcomes:
        return ()
    t = p.t
    blocks: list[Any] = [Text(t("choice.lead"))]
    for outcome in outcomes:
        made = [*_picture(p, outcome), _table(p, outcome)]
        blocks += folded(outcome, outcomes[0], p.outcome(outcome), made)
    blocks.append(Text(t("choice.note"), "notice"))
    return (Section("choice", t("choice.title"), tuple(blocks)),)


def _picture(p: Telling, outcome: str) -> Iterator[Any]:
    """Yield who is always in an outer fifth, and the ranks of all under every choice."""
    t, n = p.t, p.n
    places = [
        (place, one) for place in p.content.places for one in place.ranges if one.outcome == outcome
    ]
    spans = sorted(
        (
            Span(rank, one.lowest, one.highest)
            for place, one in places
            if (rank := _rank(place, one)) is not None
        ),
        key=lambda span: span.rank,
    )
    if not spans:
        return
    last = len(places)
    yield Text(
        t(
            "choice.always",
            outcome=p.outcome(outcome),
            first=n.count(sum(one.share_lowest_quintile == 1 for _, one in places)),
            last=n.count(sum(one.share_highest_quintile == 1 for _, one in places)),
            total=n.count(last),
        )
    )
    label = t("choice.chart", outcome=p.outcome(outcome), total=n.count(last))
    drawing = span_chart(
        spans,
        [(float(rank), n.count(rank)) for rank in (1, last)],
        [0.5 + last * part / _N_FIFTHS for part in range(1, _N_FIFTHS)],
        label,
        (t("choice.axis"), t("choice.base_axis")),
        p.mark,
    )
    yield Figure(drawing, label, f"choice-{outcome}")


def _rank(place: Place, one: RankRange) -> int | None:
    """Return the rank of a municipality in the main model."""
    return next(
        (
            row.rank
            for row in place.specifications
            if (row.outcome, row.specification) == (one.outcome, _BASE)
        ),
        None,
    )


def _table(p: Telling, outcome: str) -> Table:
    t = p.t
    rows = [row for row in p.content.followups.choices if row.outcome == outcome]
    columns = (
        column(t("choice.specification"), width=30.0),
        *(
            Column(t(f"choice.{name}"))
            for name in ("municipalities", "correlation", "moved", "same_fifth")
        ),
    )
    caption = t("choice.caption", outcome=p.outcome(outcome))
    return Table(caption, columns, (Body(tuple(_row(p, row) for row in rows)),), look="small")


def _row(p: Telling, row: Choice) -> Row:
    n = p.n
    together = MISSING if row.correlation is None else n.number(row.correlation, 2)
    return Row(
        Cell(specification_label(row.specification, p.t)),
        (
            Cell(n.count(row.n_municipalities)),
            Cell(together),
            Cell(n.number(row.places_moved, 1)),
            Cell(n.percent(row.share_same_quintile)),
        ),
    )
