"""Taking a release back: it is removed; if it was in place, the one before it is put there."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import StorageError
from pipeline.warehouse.publication.archive import find_archived, forget
from pipeline.warehouse.publication.releases import (
    CURRENT,
    LINK,
    PARQUET_LINK,
    Release,
    current_release,
    find_release,
    list_releases,
    put_in_place,
    remove,
    remove_release,
)


def retract(home: Path, part: str | None = None) -> tuple[Release, Release | None]:
    """Return the release removed from ``home``, and the one in place now: None if none is left.

    ``part`` names it, else it is the one in place. In its place comes the newest whole one before
    it; without one the home has no release, as before its first night. It is taken from the archive
    too, also where only that is left of it. Its entry in the ledger stays: who has read it knows
    it. Raises :class:`StorageError` when there is no such release.
    """
    now = current_release(home)
    if part and (left := find_archived(home, part)):
        forget(home, left.name)
        return left, now
    release = find_release(home, part) if part else now
    if release is None:
        raise StorageError(
            f"no release is in place in {home}", next_step="run `tildeling releases` for names."
        )
    if now is not None and release.name == now.name:
        now = next(
            (one for one in list_releases(home) if one.name < release.name and one.is_whole), None
        )
        if now is not None:
            put_in_place(home, now.path)
        else:
            for link in (home / LINK, home / PARQUET_LINK, home / "releases" / CURRENT):
                remove(link)
    # First: a crash between leaves a release that is still there to be retracted.
    forget(home, release.name)
    remove_release(release.path)
    return release, now
