"""What the municipality would grant a year at the practice of others, and what it comes to."""

from __future__ import annotations

from typing import Any

from reports.content.followups.cost import PracticeCost
from reports.content.followups.figures import OtherPractice
from reports.courses.cost import millions
from reports.language.formatting import MISSING
from reports.municipality.view import Own
from reports.told.blocks import Body, Cell, Column, Row, Section, Table, Text, column
from reports.told.telling import Telling

#: Practices in order of the table; the municipality's own stands before them.
_STANDARDS = ("country", "conditions", "without_queue", "lowest_fifth", "highest_fifth")
#: Figures of costs in order of the table, and whether the release has their limits.
_COSTS = {"persons": True, "net_kroner": True, "net_municipal_kroner": False}


def another(p: Own) -> tuple[Section, ...]:
    """Return the section: a sentence, and outcomes across; none where the release has no such."""
    listed = {
        (row.outcome, row.standard): row
        for row in p.content.followups.other_practices
        if row.area_code == p.place.code
    }
    outcomes = [
        outcome
        for outcome in p.outcomes
        if all((outcome, name) in listed for name in ("country", "lowest_fifth", "highest_fifth"))
    ]
    if not outcomes:
        return ()
    t = p.t
    costs = p.content.followups.costs.of_area(p.place.code)
    worth = {one: costs[one, "country"] for one in outcomes if (one, "country") in costs}
    bodies = (_grants(p, outcomes, listed), *_costs(p, outcomes, worth))
    columns = (
        column(t("another.practice"), width=34.0),
        *(Column(p.outcome(outcome), width=22.0) for outcome in outcomes),
    )
    caption = t("another.caption", name=p.place.name, years=p.years)
    blocks: list[Any] = [
        Text(_sentence(p, outcomes[0], listed)),
        Table(caption, columns, bodies, look="small"),
        Text(t("another.note"), "note"),
    ]
    if worth:
        blocks.append(Text(t("cost.note_place"), "note"))
    return (Section("another", t("another.title"), tuple(blocks)),)


def _sentence(p: Own, outcome: str, listed: dict[tuple[str, str], OtherPractice]) -> str:
    country, fewest, most = (
        listed[outcome, name] for name in ("country", "lowest_fifth", "highest_fifth")
    )
    return p.t(
        "another.sentence",
        outcome=p.outcome(outcome),
        now=p.n.number(country.grants_now),
        country=p.n.number(country.grants_if),
        low=p.n.signed(country.grants_change_low),
        high=p.n.signed(country.grants_change_high),
        fewest=p.n.number(fewest.grants_if),
        most=p.n.number(most.grants_if),
    )


def _grants(p: Own, outcomes: list[str], listed: dict[tuple[str, str], OtherPractice]) -> Body:
    """Return grants a year at each practice, with the limits of the difference from its own."""
    own = tuple(Cell(p.n.number(listed[outcome, "country"].grants_now)) for outcome in outcomes)
    rows = [Row(Cell(p.t("another.own")), own)]
    for standard in _STANDARDS:
        told = [listed.get((outcome, standard)) for outcome in outcomes]
        told = [row if row is not None and is_told(row) else None for row in told]
        if any(told):
            cells = tuple(_changed(p, row) for row in told)
            rows.append(Row(Cell(p.t(f"another.{standard}")), cells))
    return Body(tuple(rows), p.t("another.grants"))


def _changed(p: Own, row: OtherPractice | None) -> Cell:
    if row is None:
        return Cell(MISSING)
    ends = (p.n.signed(end) for end in (row.grants_change_low, row.grants_change_high))
    return Cell(p.n.number(row.grants_if), lines=(p.t("another.limits", limits=joined(p, *ends)),))


def _costs(p: Own, outcomes: list[str], worth: dict[str, PracticeCost]) -> tuple[Body, ...]:
    """Return persons and kroner after years of the country's practice, none without prices."""
    if not worth:
        return ()
    rows = tuple(
        Row(
            Cell(p.t(f"another.{name}")),
            tuple(_cost(p, worth.get(outcome), name) for outcome in outcomes),
        )
        for name in _COSTS
    )
    years = max(row.years_of_practice for row in worth.values())
    return (Body(rows, p.t("another.worth", years=p.n.count(years))),)


def _cost(p: Own, row: PracticeCost | None, name: str) -> Cell:
    if row is None:
        return Cell(MISSING)

    def written(end: str) -> str:
        number = getattr(row, f"{name}_change{end}")
        if name == "persons":
            return p.n.signed(number, 0)
        return millions(p, number, is_signed=True)

    limits = (joined(p, written("_low"), written("_high")),) if _COSTS[name] else ()
    return Cell(written(""), lines=limits)


def joined(p: Telling, low: str, high: str) -> str:
    """Return two limits as they are written."""
    return p.t("another.to", low=low, high=high)


def is_told(row: OtherPractice) -> bool:
    """Return whether a municipality's own answer is said: a queue only beyond chance."""
    if row.standard == "without_queue":
        return row.grants_change_low > 0 or row.grants_change_high < 0
    return True
