"""Where who decides changed: whether granting moved more than elsewhere, in words and a table."""

from __future__ import annotations

from reports.content.followups.decision_makers import NewDecisionMaker
from reports.content.values import in_order_of
from reports.told.blocks import Body, Cell, Column, Row, Section, Table, Text, column
from reports.told.followups.goes_with import BEYOND_CHANCE
from reports.told.telling import Telling


def decision_makers(p: Telling) -> tuple[Section, ...]:
    """Return the section; none where the office has supplied no dates."""
    outcomes = tuple(dict.fromkeys(view.outcome for view in p.content.views))
    held = p.content.followups.decision_makers
    rows = list(in_order_of(held, outcomes, lambda row: row.outcome))
    if not rows:
        return ()
    t = p.t
    span = f"{rows[0].year_from}–{rows[0].year_to}"
    blocks = (
        Text(t("decision_maker.lead", span=span)),
        *(Text(sentence(p, row)) for row in rows),
        _table(p, rows, span),
        Text(t("decision_maker.note"), "notice"),
    )
    return (Section("decision_maker", t("decision_maker.title"), blocks),)


def sentence(p: Telling, row: NewDecisionMaker) -> str:
    """Return whether granting moves with new decision-makers, and how far they differ."""
    said = {"outcome": p.outcome(row.outcome), "kind": kind_name(p, row), "n": _dates(p, row)}
    if row.p_value is None:
        return p.t("decision_maker.unknown", **said)
    is_beyond = row.p_value < BEYOND_CHANCE
    return p.t(
        "decision_maker.moves" if is_beyond else "decision_maker.still",
        **said,
        spread=p.n.percent(row.decision_maker_spread),
        limits=_limits(p, row),
        at_date=p.n.percent(row.spread_at_date),
        elsewhere=p.n.percent(row.spread_elsewhere),
    )


def kind_name(p: Telling, row: NewDecisionMaker) -> str:
    """Return the name of a kind; one that no list knows names itself."""
    return p.t.label("decision_maker_kind", row.kind)


def _dates(p: Telling, row: NewDecisionMaker) -> str:
    return p.n.count(row.n_dates)


def _limits(p: Telling, row: NewDecisionMaker) -> str:
    return p.n.percents(row.decision_maker_spread_low, row.decision_maker_spread_high)


def _table(p: Telling, rows: list[NewDecisionMaker], span: str) -> Table:
    t, n = p.t, p.n
    body = tuple(
        Row(
            Cell(f"{p.outcome(row.outcome)}, {kind_name(p, row)}"),
            (
                Cell(_dates(p, row)),
                Cell(n.percent(row.spread_at_date)),
                Cell(n.percent(row.spread_elsewhere)),
                Cell(n.percent(row.decision_maker_spread), soft=f"({_limits(p, row)})"),
                Cell(n.number(row.p_value, 3)),
            ),
        )
        for row in rows
    )
    columns = (
        column(t("decision_maker.kind"), width=24.0),
        Column(t("decision_maker.dates"), width=10.0),
        Column(t("decision_maker.at_date"), width=14.0),
        Column(t("decision_maker.elsewhere"), width=14.0),
        Column(t("decision_maker.spread"), width=18.0),
        Column(t("attributes.p_value")),
    )
    return Table(t("decision_maker.caption", span=span), columns, (Body(body),), look="small")
