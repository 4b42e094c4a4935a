"""What a page says in a few lines, before its sections."""

from __future__ import annotations

from collections.abc import Iterable

from reports.told.blocks import Bullets, Section
from reports.told.telling import Telling

#: Address of the lines on every page that has them.
KEY = "in_short"


def lead(p: Telling, said: Iterable[str]) -> tuple[Section, ...]:
    """Return the lines ``said`` as the first section of a page; none where there are none."""
    lines = tuple(said)
    return (Section(KEY, p.t("lead.title"), (Bullets(lines),)),) if lines else ()
