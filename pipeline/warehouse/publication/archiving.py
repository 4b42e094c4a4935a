"""Writing the archive of a home (:mod:`pipeline.warehouse.publication.archive`)."""

from __future__ import annotations

import logging
from pathlib import Path

import duckdb

from pipeline.manifest import UNPROTECTED, marks_of
from pipeline.warehouse.database.connection import quote_text, read_only
from pipeline.warehouse.database.sqlfiles import SQL_FOLDER
from pipeline.warehouse.publication.archive import admit, archived_file, pending_file
from pipeline.warehouse.publication.releases import list_releases, sync

LOG = logging.getLogger("tildeling")
_QUERY = SQL_FOLDER / "release" / "archived.sql"


def prepare(home: Path, release: Path, *, name: str | None = None) -> None:
    """Write what the archive of ``home`` will hold of the release file ``release``.

    It is no part of the archive before it is settled there. ``name`` is that of the release where
    the file has not yet its own. Nothing is written of a release without disclosure control.
    """
    with read_only(release) as connection:
        runs = connection.execute("SELECT settings, is_synthetic FROM result.run").fetchall()
        if any(UNPROTECTED in marks_of(told, is_synthetic=made) for told, made in runs):
            return
        target = pending_file(home, name or release.stem)
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
        there = (archived_file(home, release.name), pending_file(home, release.name))
        if not any(path.exists() for path in there) and release.is_whole:
            try:
                prepare(home, release.path)
            except (duckdb.BinderException, duckdb.CatalogException) as error:
                LOG.warning("archive: %s stays out: %s", release.name, error)
                continue
            if there[1].exists():
                admit(home, release.name)
