"""Steps in practice: whose granting changed level, from which year, and by how much."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reports.content.followups.steps import Step
from reports.content.values import in_order_of
from reports.told.blocks import Body, Bullets, Cell, Column, Row, Section, Table, Text, column
from reports.told.telling import Telling

#: Variation from year to year that is none as it is written.
_LEAST_VARIATION = 0.0005
#: A level below this is none as it is written.
_LEAST_LEVEL = 0.005


def steps(p: Telling) -> tuple[Section, ...]:
    """Return the section of the country; none of a release without the table."""
    listed = _in_order(p)
    outcomes = list(dict.fromkeys(row.outcome for row in listed))
    if not outcomes:
        return ()
    t = p.t
    blocks: list[Any] = [Text(t("step.lead", span=_span(p, listed[0])))]
    for outcome in outcomes:
        rows = [row for row in listed if row.outcome == outcome]
        found = [row for row in rows if row.is_step]
        known = [row for row in rows if row.year is not None]
        if not known:
            blocks.append(Text(t("step.unknown", outcome=p.outcome(outcome))))
            continue
        blocks.append(Text(_count(p, outcome, found, known)))
        if found:
            blocks.append(_table(p, outcome, found))
    blocks.append(Text(t("step.note"), "notice"))
    return (Section("step", t("step.title"), tuple(blocks)),)


def short(p: Telling) -> Iterator[str]:
    """Yield in how many municipalities granting of the main outcome changed level, if known."""
    rows = [row for row in _in_order(p) if row.outcome == p.main_outcome and row.year is not None]
    if rows:
        found = [row for row in rows if row.is_step]
        values = {"n": p.n.count(len(found)), "known": p.n.count(len(rows))}
        yield p.t("lead.step" if found else "lead.step_none", span=_span(p, rows[0]), **values)


def own_steps(p: Telling, code: str) -> tuple[Section, ...]:
    """Return the section of the municipality ``code``: a sentence per outcome."""
    rows = [row for row in _in_order(p) if row.municipality_code == code]
    if not rows:
        return ()
    blocks = (
        Bullets(tuple(sentence(p, row) for row in rows)),
        Text(p.t("step.own_note"), "note"),
    )
    return (Section("step", p.t("step.own_title"), blocks),)


def sentence(p: Telling, row: Step) -> str:
    """Return from when a municipality grants at another level, or that none is told from chance."""
    words = {"outcome": p.outcome(row.outcome), "span": _span(p, row)}
    if row.year is None:
        return p.t("step.own_unknown", **words)
    if not row.is_step:
        return p.t("step.own_none", **words)
    way = "up" if (row.after or 0.0) > (row.before or 0.0) else "down"
    # What is shown as none may be a few: no ratio of 0 is told.
    few = "_few" if _is_few(row.before if way == "up" else row.after) else ""
    return p.t(
        f"step.own_{way}{few}",
        **words,
        year=row.year,
        when=_when(p, row),
        before=_level(p, row.before),
        after=_level(p, row.after),
        factor=p.n.number(row.factor, 2),
        limits=p.n.interval(row.factor_low, row.factor_high),
    )


def _in_order(p: Telling) -> list[Step]:
    """Return the steps by outcome, those of the report first."""
    outcomes = tuple(dict.fromkeys(view.outcome for view in p.content.views))
    return list(in_order_of(p.content.followups.steps, outcomes, lambda row: row.outcome))


def _count(p: Telling, outcome: str, found: list[Step], known: list[Step]) -> str:
    """Return how many changed level, and how far a level moves from year to year without."""
    n_up = sum((row.after or 0.0) > (row.before or 0.0) for row in found)
    said = p.t(
        "step.some" if found else "step.none",
        outcome=p.outcome(outcome),
        n=p.n.count(len(found)),
        known=p.n.count(len(known)),
        up=p.n.count(n_up),
        down=p.n.count(len(found) - n_up),
    )
    variation = known[0].yearly_variation
    kind = "varies" if variation >= _LEAST_VARIATION else "steady"
    return f"{said} {p.t(f'step.{kind}', variation=p.n.percent(variation, 1))}"


def _table(p: Telling, outcome: str, found: list[Step]) -> Table:
    t, n = p.t, p.n
    names = p.names
    body = tuple(
        Row(
            Cell(names.get(row.municipality_code, row.municipality_code), code=code),
            (
                Cell(str(row.year), lines=(_when(p, row),)),
                Cell(_level(p, row.before)),
                Cell(_level(p, row.after)),
                Cell(f"{n.number(row.factor, 2)} ({n.interval(row.factor_low, row.factor_high)})"),
            ),
        )
        for row in sorted(found, key=lambda row: (row.year or 0, row.municipality_code))
        for code in (row.municipality_code if row.municipality_code in names else "",)
    )
    columns = (
        column(t("ranking.municipality"), width=20.0),
        Column(t("step.year"), width=16.0),
        Column(t("step.before"), width=14.0),
        Column(t("step.after"), width=14.0),
        Column(t("step.factor"), width=20.0),
    )
    caption = t("step.caption", outcome=p.outcome(outcome), span=_span(p, found[0]))
    return Table(caption, columns, (Body(body),), look="small")


def _is_few(level: float | None) -> bool:
    """Return whether no grant is shown of a level's years, or a ratio too small to be written."""
    return level is not None and level < _LEAST_LEVEL


def _level(p: Telling, level: float | None) -> str:
    """Return actual over expected grants, in words where none are shown."""
    return p.t("step.few") if _is_few(level) else p.n.number(level, 2)


def _span(p: Telling, row: Step) -> str:
    return p.n.years(tuple(range(row.year_from, row.year_to + 1)))


def _when(p: Telling, row: Step) -> str:
    """Return the years that the step may have begun in."""
    low, high = row.low or 0, row.high or 0
    return p.n.years(tuple(range(low, high + 1)))
