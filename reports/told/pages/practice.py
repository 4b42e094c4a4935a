"""What goes with practice: courses of cases and people where few and where many are granted."""

from __future__ import annotations

from collections.abc import Iterator

from reports.content.followups.figures import CROSS_FITTED
from reports.language.transitions import inside
from reports.told.blocks import Section
from reports.told.followups import (
    activity,
    attributes,
    displacement,
    goes_with,
    later,
    life,
    routes,
)
from reports.told.telling import Telling

#: Practice itself among the figures by fifth.
_OWN = "practice"


def sections(p: Telling) -> tuple[Section, ...]:
    """Return the sections."""
    return (
        goes_with.goes_with(p),
        *attributes.attributes(p),
        displacement.displacement(p),
        routes.routes(p),
        activity.activity(p),
        later.later(p),
        life.life(p),
    )


def in_words(p: Telling) -> Iterator[str]:
    """Yield what goes with practice, what it says of two benefits, and of a life."""
    for outcome in goes_with.outcomes_of(p)[:1]:
        yield _tested(p, outcome)
    main = p.content.main.model
    pairs = [row for row in p.content.followups.displacements if row.model == main]
    yield from (displacement.short(p, pair) for pair in pairs[:1])
    yield from life.short(p)


def _tested(p: Telling, outcome: str) -> str:
    """Return which figures rise and which fall with practice beyond chance."""
    lines = [
        row
        for row in p.content.followups.trends
        if (row.outcome, row.group_basis) == (outcome, CROSS_FITTED)
        and row.measure != _OWN
        and row.p_value is not None
    ]
    sure = [row for row in lines if (row.p_value or 0.0) < goes_with.BEYOND_CHANCE and row.slope]
    counts = {"n": p.n.count(len(sure)), "total": p.n.count(len(lines))}
    said = [p.t("lead.goes_with", outcome=p.outcome(outcome), **counts)]
    for key, sign in (("lead.rises", 1), ("lead.falls", -1)):
        names = [
            inside(p.t(f"measure.{row.measure}")) for row in sure if sign * (row.slope or 0.0) > 0
        ]
        if names:
            said.append(p.t(key, names="; ".join(names)))
    return " ".join(said)
