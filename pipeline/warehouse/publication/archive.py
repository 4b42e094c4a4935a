"""The archive of a home: what every release said of its municipalities, which outlives the release.

``archive/<release>.parquet`` holds the rows of ``result.benchmark`` with rank and run, exactly as
published: disclosure control has been passed, and nothing is computed again. The file is written
before its release is put in place, under a name of its own, and becomes part of the archive after;
retention leaves it, retraction removes it. What writes the files is in
:mod:`pipeline.warehouse.publication.archiving`, so that naming them needs no DuckDB.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import StorageError
from pipeline.warehouse.publication.releases import (
    UNFINISHED,
    Release,
    current_release,
    list_releases,
    sync,
)

FOLDER = "archive"


def archived(home: Path) -> list[str]:
    """Return the names of the releases in the archive of ``home``, oldest first."""
    return sorted(path.stem for path in (home / FOLDER).glob("benchmark-*.parquet"))


def settle(home: Path) -> list[Path]:
    """Return the files removed: prepared ones of releases that do not exist.

    Those of the release in place become part of the archive. One of a release that is kept and
    never was in place waits until it is.
    """
    now = current_release(home)
    kept = {release.name for release in list_releases(home)}
    removed = []
    for path in sorted((home / FOLDER).glob(f"*.parquet{UNFINISHED}")):
        name = path.name.removesuffix(f".parquet{UNFINISHED}")
        if now is not None and name == now.name:
            admit(home, name)
        elif name not in kept:
            path.unlink()
            removed.append(path)
    return removed


def admit(home: Path, name: str) -> None:
    """Let what was prepared of the release ``name`` become part of the archive of ``home``."""
    pending_file(home, name).replace(archived_file(home, name))
    sync(home / FOLDER)


def forget(home: Path, name: str) -> bool:
    """Return whether the archive of ``home`` held the release ``name``, after removing it."""
    pending_file(home, name).unlink(missing_ok=True)
    path = archived_file(home, name)
    was_there = path.exists()
    path.unlink(missing_ok=True)
    if was_there:
        sync(path.parent)
    return was_there


def find_archived(home: Path, part: str) -> Release | None:
    """Return the one release whose name contains ``part`` and of which only the archive is left.

    None where a kept release has ``part`` in its name, or nothing does. Raises
    :class:`StorageError` when several do.
    """
    if any(part in release.name for release in list_releases(home)):
        return None
    names = [name for name in archived(home) if part in name]
    if len(names) > 1:
        raise StorageError(
            f"{part!r} names {len(names)} releases in {home / FOLDER}",
            expected="a part of a release's name that no other has",
            found=", ".join(names),
            next_step="name more of it.",
        )
    return Release(home / "releases" / f"{names[0]}.duckdb", "", "") if names else None


def archived_file(home: Path, name: str) -> Path:
    """Return the file of the release ``name`` in the archive of ``home``."""
    return home / FOLDER / f"{name}.parquet"


def pending_file(home: Path, name: str) -> Path:
    """Return the file that becomes :func:`archived_file` once the release is in place."""
    return home / FOLDER / f"{name}.parquet{UNFINISHED}"
