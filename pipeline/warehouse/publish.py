"""Publication: a release is built beside the old one, checked, and put in place in one step.

``benchmark.duckdb`` is a symlink to a file in ``releases/`` whose name is never used again. Someone
who has the old release open keeps reading it; whoever opens the link next gets the new one. A
rename of the file itself would not do: a process that still holds the old file would be given it
again under the new name.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import pandas as pd

from pipeline.errors import PublishError
from pipeline.manifest import Run
from pipeline.warehouse.connection import create, read_only
from pipeline.warehouse.sqlfiles import SQL_FOLDER, read_folder, run_file

#: The published tables, one per file of ``sql/result``.
RESULT_TABLES = tuple(file.object.removeprefix("result.") for file in read_folder("result"))
#: Relative difference allowed between the sums of expected and observed.
SUM_TOLERANCE = 1e-6
_LINK = "benchmark.duckdb"
_UNFINISHED = ".next"


@dataclass(frozen=True)
class Release:
    """A published release: its file, its run and the hash of its content."""

    path: Path
    run_id: str
    sha256: str


def publish_release(
    frames: Mapping[str, pd.DataFrame], run: Run, home: Path, *, releases_kept: int
) -> Release:
    """Return the release made of ``frames`` after putting it in place in ``home``.

    ``frames`` has one frame per table of :data:`RESULT_TABLES` but ``run``, without ``run_id``.
    The newest ``releases_kept`` releases stay in ``releases/``. Raises :class:`PublishError`, with
    the previous release untouched, when a frame does not fit its table or a check fails.
    """
    releases = home / "releases"
    releases.mkdir(parents=True, exist_ok=True)
    clean_unfinished(home)
    name = f"benchmark-{run.finished_at:%Y%m%dT%H%M%S%fZ}-{run.run_id}.duckdb"
    unfinished = releases / (name + _UNFINISHED)
    _build(unfinished, frames, run)
    faults = check_release(unfinished)
    if faults:
        unfinished.unlink()
        listed = "\n".join(f"  - {fault}" for fault in faults)
        raise PublishError(
            f"the new release failed {len(faults)} check(s) and was not published:\n{listed}",
            next_step="the previous release stands; see the log of the run.",
        )
    final = releases / name
    release = Release(final, run.run_id, _sha256(unfinished))
    _sync(unfinished)
    unfinished.rename(final)
    manifest = {**asdict(run), "file": name, "sha256": release.sha256}
    _write_synced(final.with_suffix(".json"), json.dumps(manifest, indent=2, default=str) + "\n")
    _point_link(home, final)
    _prune(releases, keep=releases_kept, current=final)
    return release


def clean_unfinished(home: Path) -> list[Path]:
    """Return the leftovers of an interrupted publication in ``home``, after removing them."""
    leftovers = [
        *(home / "releases").glob(f"*{_UNFINISHED}*"),
        *home.glob(f"{_LINK}{_UNFINISHED}*"),
    ]
    for path in leftovers:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    return sorted(leftovers)


def check_release(path: Path) -> list[str]:
    """Return the faults of the release file ``path``, in words; empty when it may be published."""
    with read_only(path) as connection:
        rows = connection.execute((SQL_FOLDER / "release" / "fault.sql").read_text()).fetchall()
    return [str(fault) for (fault,) in rows]


def _build(path: Path, frames: Mapping[str, pd.DataFrame], run: Run) -> None:
    of_run = pd.DataFrame([asdict(run)])
    for moment in ("started_at", "finished_at"):
        of_run[moment] = pd.to_datetime(of_run[moment], utc=True).dt.tz_localize(None)
    with create(path) as connection:
        connection.execute("CREATE SCHEMA result")
        for table in RESULT_TABLES:
            run_file(connection, SQL_FOLDER / "result" / f"{table}.sql")
            frame = of_run if table == "run" else frames[table].assign(run_id=run.run_id)
            _insert(connection, table, frame)


def _insert(connection: duckdb.DuckDBPyConnection, table: str, frame: pd.DataFrame) -> None:
    declared = [
        name
        for (name,) in connection.execute(
            "SELECT column_name FROM duckdb_columns()"
            " WHERE schema_name = 'result' AND table_name = ? ORDER BY column_index",
            [table],
        ).fetchall()
    ]
    unknown, missing = set(frame.columns) - set(declared), set(declared) - set(frame.columns)
    if unknown or missing:
        raise PublishError(
            f"result.{table} does not fit its frame.",
            expected=", ".join(declared),
            found=f"unknown {sorted(unknown)}, missing {sorted(missing)}",
        )
    key = [name for name in declared if name in _KEY_ORDER]
    ordered = frame.sort_values(sorted(key, key=_KEY_ORDER.index), kind="stable")[declared]
    connection.register("published_frame", ordered)
    connection.execute(f"INSERT INTO result.{table} BY NAME SELECT * FROM published_frame")
    connection.unregister("published_frame")


_KEY_ORDER = [
    "outcome",
    "model",
    "municipality_code",
    "diagnosis_group",
    "tenure_band",
    "method",
    "standard",
    "term",
    "register",
    "check",
    "measure",
    "setting",
]


def _point_link(home: Path, target: Path) -> None:
    link, beside = home / _LINK, home / (_LINK + _UNFINISHED)
    if link.exists() and not link.is_symlink():
        raise PublishError(
            f"{link} is a file; a release is published by a symbolic link of that name.",
            next_step="move the file away and publish again.",
        )
    beside.symlink_to(target.relative_to(home))
    beside.replace(link)
    _sync(home)


def _prune(releases: Path, *, keep: int, current: Path) -> None:
    published = sorted(releases.glob("benchmark-*.duckdb"), reverse=True)
    for old in published[keep:]:
        if old != current:
            old.unlink()
            old.with_suffix(".json").unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_synced(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    _sync(path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
