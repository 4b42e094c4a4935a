"""The archive of a home: what every release said of its municipalities, which outlives the release.

``archive/<release>.parquet`` holds the rows of ``result.benchmark`` with rank and run, exactly as
published: disclosure control has been passed, and nothing is computed again. The file is written
before its release is put in place, under a name of its own, and becomes part of the archive after;
retention leaves it, retraction removes it. Releases without disclosure control are not archived.
"""

from __future__ import annotations

import logging
from pathlib import Path

import duckdb

from pipeline.errors import StorageError
from pipeline.manifest import UNPROTECTED, marks_of
from pipeline.warehouse.database.connection import quote_text, read_only
from pipeline.warehouse.database.sqlfiles import SQL_FOLDER
from pipeline.warehouse.publication.releases import (
    UNFINISHED,
    Release,
    current_release,
    list_releases,
    sync,
)

LOG = logging.getLogger("tildeling")
FOLDER = "archive"
_QUERY = SQL_FOLDER / "release" / "archived.sql"


def archived(home: Path) -> list[str]:
    """Return the names of the releases in the archive of ``home``, oldest first."""
    return sorted(path.stem for path in (home / FOLDER).glob("benchmark-*.parquet"))


def prepare(home: Path, release: Path, *, name: str | None = None) -> None:
    """Write what the archive of ``home`` will hold of the release file ``release``.

    It is no part of the archive before :func:`settle`. ``name`` is that of the release where the
    file has not yet its own. Nothing is written of a release without disclosure control.
    """
    with read_only(release) as connection:
        runs = connection.execute("SELECT settings, is_synthetic FROM result.run").fetchall()
        if any(UNPROTECTED in marks_of(told, is_synthetic=made) for told, made in runs):
            return
        target = _pending(home, name or release.stem)
        target.parent.mkdir(exist_ok=True)
        connection.execute(f"SET VARIABLE release = {quote_text(name or release.stem)}")
        query = _QUERY.read_text(encoding="utf-8")
        connection.execute(f"COPY ({query}) TO {quote_text(str(target))} (FORMAT parquet)")
    sync(target)


def complete(home: Path) -> None:
    """Archive the kept releases of ``home`` that are not: those of a version without an archive.

    One that was changed since, or lacks what is archived, stays out.
    """
    for release in list_releases(home):
        there = (_archived(home, release.name), _pending(home, release.name))
        if not any(path.exists() for path in there) and release.is_whole:
            try:
                prepare(home, release.path)
            except (duckdb.BinderException, duckdb.CatalogException) as error:
                LOG.warning("archive: %s stays out: %s", release.name, error)
                continue
            if there[1].exists():
                there[1].replace(there[0])


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
            path.replace(_archived(home, name))
            sync(path.parent)
        elif name not in kept:
            path.unlink()
            removed.append(path)
    return removed


def forget(home: Path, name: str) -> bool:
    """Return whether the archive of ``home`` held the release ``name``, after removing it."""
    _pending(home, name).unlink(missing_ok=True)
    path = _archived(home, name)
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


def _archived(home: Path, name: str) -> Path:
    return home / FOLDER / f"{name}.parquet"


def _pending(home: Path, name: str) -> Path:
    return home / FOLDER / f"{name}.parquet{UNFINISHED}"
