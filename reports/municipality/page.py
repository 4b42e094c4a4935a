"""The page about a municipality: its sections in order."""

from __future__ import annotations

from collections.abc import Iterator

from reports.content.lookup import Lookup
from reports.municipality import drawn, short, tables
from reports.municipality.another import another
from reports.municipality.breakdown import breakdown
from reports.municipality.cases import cases
from reports.municipality.instead import instead
from reports.municipality.queue import queue
from reports.municipality.routes import routes
from reports.municipality.sensitivity import sensitivity
from reports.municipality.view import Own
from reports.municipality.why import why
from reports.told.blocks import Section
from reports.told.followups.own_activity import own_activity
from reports.told.followups.own_change import own_change
from reports.told.years.former import own_former
from reports.told.years.steps import own_steps


def each(lookup: Lookup, language: str) -> Iterator[Own]:
    """Yield every municipality of the report in alphabetical order."""
    for place in lookup.content.places:
        yield Own(lookup.content, language, place, lookup)


def sections(p: Own) -> tuple[Section, ...]:
    """Return what is told of one municipality: words, the result, cases and people, the years."""
    return (
        short.short(p),
        why(p),
        short.caveats(p),
        breakdown(p),
        drawn.split(p),
        tables.results(p),
        tables.near(p),
        sensitivity(p),
        tables.cases(p),
        *routes(p),
        *own_activity(p, p.place.code, p.place.name),
        *instead(p),
        *another(p),
        drawn.development(p),
        *own_change(p, p.place.code),
        *own_steps(p, p.place.code),
        *own_former(p, p.place.code),
        *queue(p),
        *cases(p),
    )
