"""Over the years: change, steps in level, merged municipalities, queues and initiatives."""

from __future__ import annotations

from collections.abc import Iterator

from reports.told.blocks import Section
from reports.told.followups import change, initiatives, queue
from reports.told.telling import Telling
from reports.told.years import change_cases, decision_makers, former, steps


def sections(p: Telling) -> tuple[Section, ...]:
    """Return the sections."""
    return (
        *change.change(p),
        *change_cases.change_cases(p),
        *steps.steps(p),
        *decision_makers.decision_makers(p),
        *former.former(p),
        queue.queue(p),
        *initiatives.sections(p),
    )


def in_words(p: Telling) -> Iterator[str]:
    """Yield what each section says, of the main outcome and in a line."""
    yield from change.short(p)
    yield from steps.short(p)
    yield from former.short(p)
    yield from queue.short(p)
