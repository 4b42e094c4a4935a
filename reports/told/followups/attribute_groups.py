"""Days, refusals, diagnoses and routes by groups of municipalities that attributes make."""

from __future__ import annotations

from collections.abc import Iterator

from reports.content.followups.attributes import AttributeGroup
from reports.language.formatting import MISSING
from reports.told.blocks import Body, Cell, Column, Fold, Heading, Row, Table, Text, column
from reports.told.followups.goes_with import AKF_OUTCOME, BEYOND_CHANCE, in_order, limits, written
from reports.told.telling import Telling

Block = Heading | Text | Table | Fold
#: What AKF compared; the others stand in the table.
_SAID = ("processing_days", "grants_per_refusal", "mental_share", "over_52_weeks_share")


def groups(p: Telling) -> tuple[Block, ...]:
    """Return what the measures are by group, the outcome that AKF described first; or nothing."""
    held = p.content.followups.attribute_groups
    listed = sorted(
        p.outcomes_among({row.outcome for row in held}), key=lambda outcome: outcome != AKF_OUTCOME
    )
    if not listed:
        return ()
    names = tuple(dict.fromkeys(row.attribute for row in held))
    first, *others = listed
    blocks: list[Block] = [Heading(p.t("attributes.groups_title"))]
    blocks += [Text(said) for name in names for said in sentences(p, first, name)]
    blocks += [_table(p, first, name) for name in names]
    for outcome in others:
        tables = tuple(_table(p, outcome, name) for name in names)
        blocks.append(Fold(p.outcome(outcome), tables))
    blocks.append(Text(p.t("attributes.groups_note"), "note"))
    return tuple(blocks)


def attribute_name(p: Telling, code: str) -> str:
    """Return the name of an attribute; one from a file names itself."""
    return p.t.label("attribute", code)


def level_name(p: Telling, code: str) -> str:
    """Return the name of a group of an attribute; one from a file names itself."""
    return p.t.label("attribute_level", code)


def sentences(p: Telling, outcome: str, name: str) -> Iterator[str]:
    """Yield which of the measures that AKF compared differ beyond chance, or that none does."""
    rows, tests = _of(p, outcome, name), _tests(p, outcome, name)
    about = {"outcome": p.outcome(outcome), "attribute": attribute_name(p, name)}
    tested = {measure: value for measure, value in tests.items() if measure in _SAID}
    beyond = [measure for measure, value in tested.items() if value < BEYOND_CHANCE]
    for measure in in_order(beyond):
        levels = "; ".join(
            p.t(
                "attributes.group_of",
                level=level_name(p, row.level),
                value=written(p, measure, row.value),
            )
            for row in rows
            if row.measure == measure and row.value is not None
        )
        yield p.t("attributes.differs", **about, measure=p.t(f"measure.{measure}"), levels=levels)
    if not beyond:
        yield p.t("attributes.alike" if tested else "attributes.untested", **about)


def _tests(p: Telling, outcome: str, name: str) -> dict[str, float]:
    """Return the p value of each measure that has one."""
    return {
        row.measure: row.p_value
        for row in p.content.followups.attribute_tests
        if (row.outcome, row.attribute) == (outcome, name) and row.p_value is not None
    }


def _of(p: Telling, outcome: str, name: str) -> list[AttributeGroup]:
    return [
        row
        for row in p.content.followups.attribute_groups
        if (row.outcome, row.attribute) == (outcome, name)
    ]


def _table(p: Telling, outcome: str, name: str) -> Table:
    t, rows, tests = p.t, _of(p, outcome, name), _tests(p, outcome, name)
    sizes = {row.level: row.n_municipalities for row in rows}
    lines = []
    for measure in in_order(row.measure for row in rows):
        of = {row.level: row for row in rows if row.measure == measure}
        if all(row.value is None for row in of.values()):
            continue
        tested = p.n.number(tests[measure], 3) if measure in tests else MISSING
        cells = (*(_cell(p, of.get(level)) for level in sizes), Cell(tested))
        lines.append(Row(Cell(t(f"measure.{measure}")), cells))
    columns = (
        column(t("goes_with.measure"), width=28.0),
        *(
            Column(level_name(p, level), t("attributes.group_size", n=p.n.count(n)))
            for level, n in sizes.items()
        ),
        Column(t("attributes.p_value")),
    )
    caption = t(
        "attributes.groups_caption",
        outcome=p.outcome(outcome),
        attribute=attribute_name(p, name),
        years=p.years,
    )
    return Table(caption, columns, (Body(tuple(lines)),), look="small")


def _cell(p: Telling, row: AttributeGroup | None) -> Cell:
    if row is None or row.value is None:
        return Cell(MISSING)
    under = () if row.low is None else (limits(p, row.measure, row.low, row.high),)
    return Cell(written(p, row.measure, row.value), lines=under)
