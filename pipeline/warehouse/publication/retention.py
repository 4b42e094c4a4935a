"""Retention: which releases stay whole in a home; what others said is in its archive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.warehouse.publication.releases import (
    MOMENT,
    Release,
    current_release,
    list_releases,
    remove_release,
)


@dataclass(frozen=True)
class Retention:
    """The newest ``releases`` are kept, and whatever is no older than ``days``.

    Nights in which nothing changed publish nothing, so no two releases say the same.
    """

    releases: int
    days: int = 0


def prune(home: Path, retention: Retention, today: datetime | None = None) -> list[Release]:
    """Return the releases removed from ``home``: all that ``retention`` does not keep.

    The one in place is always kept. ``today`` is now, where it is not given.
    """
    now = current_release(home)
    # Names tell the moment, and may be of no release of ours: they are compared, not read.
    oldest = (today or datetime.now(UTC)) - timedelta(days=retention.days)
    before = f"benchmark-{oldest:{MOMENT}}"
    old = [
        release
        for release in list_releases(home)[retention.releases :]
        if release.name < before and (now is None or release.name != now.name)
    ]
    for release in old:
        remove_release(release.path)
    return old
