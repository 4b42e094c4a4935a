"""What attributes of municipalities go with: a sentence each, and the tables."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from reports.content.followups.attributes import AttributeLevel
from reports.language.formatting import MISSING
from reports.told.blocks import Body, Cell, Column, Row, Section, Table, Text, column
from reports.told.followups.attribute_groups import attribute_name, groups, level_name
from reports.told.followups.goes_with import BEYOND_CHANCE
from reports.told.telling import Telling

_NUMBER = "standard_deviation"
_ALONE, _WITH_CONDITIONS = "nothing", "conditions"


def attributes(p: Telling) -> tuple[Section, ...]:
    """Return the section; none where the office has supplied no attribute."""
    held = p.content.followups.attributes
    if not held:
        return ()
    listed = dict.fromkeys(view.outcome for view in p.content.views)
    tables = tuple(_table(p, outcome, rows) for outcome in listed if (rows := _of(held, outcome)))
    blocks = (
        Text(p.t("attributes.lead")),
        *(Text(said) for said in sentences(p)),
        *tables,
        *groups(p),
        Text(p.t("attributes.note"), "notice"),
    )
    return (Section("attributes", p.t("attributes.title"), blocks),)


def sentences(p: Telling) -> Iterator[str]:
    """Yield what is beyond chance beside the conditions, or that nothing is."""
    rows = [
        row
        for row in p.content.followups.attributes
        if row.adjusted_for == _WITH_CONDITIONS and row.p_value is not None
    ]
    beyond = [row for row in rows if row.p_value is not None and row.p_value < BEYOND_CHANCE]
    if not beyond:
        yield p.t("attributes.none" if rows else "attributes.unknown")
    for (outcome, name), levels in groupby(beyond, key=lambda row: (row.outcome, row.attribute)):
        said = "; ".join(_said(p, row) for row in levels)
        yield p.t(
            "attributes.beyond",
            outcome=p.outcome(outcome),
            attribute=attribute_name(p, name),
            levels=said,
        )


def _said(p: Telling, row: AttributeLevel) -> str:
    grants = p.effect(row.estimate, row.low, row.high)
    limits = grants.lines[0] if grants.lines else MISSING
    key = "attributes.slope" if row.level == _NUMBER else "attributes.level"
    return p.t(key, level=level_name(p, row.level), grants=grants.text, limits=limits)


def _of(held: tuple[AttributeLevel, ...], outcome: str) -> list[AttributeLevel]:
    return [row for row in held if row.outcome == outcome]


def _table(p: Telling, outcome: str, rows: list[AttributeLevel]) -> Table:
    t = p.t
    by_level: dict[tuple[str, str], dict[str, AttributeLevel]] = {}
    for row in rows:
        by_level.setdefault((row.attribute, row.level), {})[row.adjusted_for] = row
    bodies = tuple(
        Body(
            tuple(
                Row(
                    Cell(t("attributes.per_sd") if level == _NUMBER else level_name(p, level)),
                    (
                        Cell(p.n.count(of[_ALONE].n_municipalities)),
                        _grants(p, of.get(_ALONE)),
                        _grants(p, of.get(_WITH_CONDITIONS)),
                        Cell(p.n.number(_p_value(of.get(_WITH_CONDITIONS)), 3)),
                    ),
                )
                for (_, level), of in levels
            ),
            attribute_name(p, name),
        )
        for name, levels in groupby(by_level.items(), key=lambda item: item[0][0])
    )
    columns = (
        column(t("attributes.level_head"), width=22.0),
        Column(t("attributes.municipalities")),
        Column(t("attributes.alone"), width=15.0),
        Column(t("attributes.with_conditions"), width=15.0),
        Column(t("attributes.p_value")),
    )
    caption = t("attributes.caption", outcome=p.outcome(outcome), years=p.years)
    return Table(caption, columns, bodies, look="small")


def _grants(p: Telling, row: AttributeLevel | None) -> Cell:
    return Cell(MISSING) if row is None else p.effect(row.estimate, row.low, row.high)


def _p_value(row: AttributeLevel | None) -> float | None:
    return None if row is None else row.p_value
