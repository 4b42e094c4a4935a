"""The releases of a home: what is kept, what is in place, and going back.

A release is a database file, a folder of Parquet copies and a manifest, in ``releases/`` under
names that are never used again; the manifest is written last, so a release without one is a
leftover. ``benchmark.duckdb`` and ``parquet`` in the home are symlinks to the release in place.
The database's link decides; the other follows it at once, and again at the next start after a
crash in between. Every Parquet row has its ``run_id``.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import PublishError, StorageError

LINK = "benchmark.duckdb"
PARQUET_LINK = "parquet"
UNFINISHED = ".next"


@dataclass(frozen=True)
class Release:
    """A published release: its file, its run and the hash of its file."""

    path: Path
    run_id: str
    sha256: str

    @property
    def name(self) -> str:
        """The file's name without extension."""
        return self.path.stem

    @property
    def manifest(self) -> dict[str, Any]:
        """The run, rows per table and what else was written beside the release."""
        return dict(json.loads(_manifest_path(self.path).read_text(encoding="utf-8")))

    @property
    def is_whole(self) -> bool:
        """Whether the file still has the content that was published."""
        return self.path.exists() and sha256_of(self.path) == self.sha256


def parquet_folder(path: Path) -> Path:
    """Return the folder of the Parquet copies of the release file ``path``."""
    return path.with_suffix(".parquet")


def list_releases(home: Path) -> list[Release]:
    """Return the releases kept in ``home``, newest first."""
    found = []
    for manifest in sorted((home / "releases").glob("benchmark-*.json"), reverse=True):
        text = json.loads(manifest.read_text(encoding="utf-8"))
        path = manifest.with_suffix(".duckdb")
        found.append(Release(path, str(text["run_id"]), str(text["sha256"])))
    return found


def current_release(home: Path) -> Release | None:
    """Return the release that ``benchmark.duckdb`` of ``home`` points to, or None without one."""
    link = home / LINK
    target = link.resolve()
    for release in list_releases(home):
        if link.exists() and release.path.resolve() == target:
            return release
    return None


def find_release(home: Path, part: str) -> Release:
    """Return the one release of ``home`` whose file name contains ``part``.

    Raises :class:`StorageError` when there is none or more than one.
    """
    names = {release.name: release for release in list_releases(home)}
    matching = [name for name in names if part in name]
    if len(matching) != 1:
        raise StorageError(
            f"{part!r} names {len(matching)} releases in {home / 'releases'}",
            expected="a release, or a part of its name that no other has",
            found=", ".join(matching or names) or "no release",
            next_step="run `tildeling releases` for the names.",
        )
    return names[matching[0]]


def releases_to_compare(
    home: Path, before: str | None = None, after: str | None = None
) -> tuple[Path, Path]:
    """Return the files of two releases of ``home``, earlier first where nothing else is said.

    ``after`` is the one in place when it is not named, ``before`` the one before ``after``. Raises
    :class:`StorageError` when there is no such release.
    """
    second = find_release(home, after) if after else current_release(home)
    if second is None:
        raise StorageError(
            f"no release is in place in {home}", next_step="run `tildeling nightly` first."
        )
    first = find_release(home, before) if before else _one_before(home, second)
    return first.path, second.path


def roll_back(home: Path, part: str | None = None) -> Release:
    """Return the release now in place: the one that ``part`` names, else the one before this.

    Later releases are kept until newer ones push them out. Raises :class:`StorageError` when
    there is no such release, :class:`PublishError` when its file is missing or changed.
    """
    if part is not None:
        chosen = find_release(home, part)
    else:
        chosen = _one_before(home, current_release(home))
    if not chosen.is_whole:
        raise PublishError(
            f"{chosen.path} is not as it was published and was not put in place",
            expected=f"SHA-256 {chosen.sha256}",
            next_step="choose another release with `tildeling rollback RELEASE`.",
        )
    put_in_place(home, chosen.path)
    return chosen


def _one_before(home: Path, release: Release | None) -> Release:
    for other in list_releases(home):
        if release is not None and other.name < release.name:
            return other
    raise StorageError(
        f"there is no release before {release.name if release else 'any in place'} in {home}",
        next_step="run `tildeling releases` for those that are kept.",
    )


def put_in_place(home: Path, path: Path) -> None:
    """Point the links of ``home`` to the release file ``path``, each in one step."""
    _point(home, LINK, path)
    _point_parquet(home, path)


def clean_unfinished(home: Path) -> list[Path]:
    """Return the leftovers of interrupted publications in ``home``, after removing them.

    A link to Parquet copies that was left behind its database is brought up to it.
    """
    releases = home / "releases"
    leftovers = {
        *releases.glob(f"*{UNFINISHED}*"),
        *releases.glob("benchmark-*.tmp-*"),
        *(home / f"{name}{UNFINISHED}" for name in (LINK, PARQUET_LINK)),
    }
    target = (home / LINK).resolve()
    for path in releases.glob("benchmark-*.duckdb"):
        if not _manifest_path(path).exists() and path.resolve() != target:
            leftovers.add(path)
    for path in (*releases.glob("benchmark-*.json"), *releases.glob("benchmark-*.parquet")):
        database = path.with_suffix(".duckdb")
        if not database.exists() or database in leftovers:
            leftovers.add(path)
    removed = sorted(path for path in leftovers if path.exists() or path.is_symlink())
    for path in removed:
        remove(path)
    if (home / LINK).exists() and target.parent == releases.resolve():
        _point_parquet(home, target)
    return removed


def prune(home: Path, *, keep: int) -> list[Release]:
    """Return the releases removed from ``home``: all but the newest ``keep`` and that in place."""
    now = current_release(home)
    old = [r for r in list_releases(home)[keep:] if now is None or r.name != now.name]
    for release in old:
        # The manifest goes last: what a crash leaves is found again by it.
        remove(parquet_folder(release.path))
        remove(release.path)
        remove(_manifest_path(release.path))
    return old


def write_manifest(path: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest of the release file ``path``, whole or not at all."""
    target = _manifest_path(path)
    beside = target.with_name(target.name + UNFINISHED)
    beside.write_text(json.dumps(manifest, indent=2, default=str) + "\n", encoding="utf-8")
    sync(beside)
    beside.replace(target)
    sync(target.parent)


def remove(path: Path) -> None:
    """Remove the file, link or folder ``path``, if there is one."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of the file ``path``, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Have the file or folder ``path`` on disk when this returns."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _manifest_path(path: Path) -> Path:
    return path.with_suffix(".json")


def _point_parquet(home: Path, path: Path) -> None:
    link, folder = home / PARQUET_LINK, parquet_folder(path)
    if not folder.is_dir():
        remove(link)
    elif not (link.is_symlink() and link.resolve() == folder.resolve()):
        _point(home, PARQUET_LINK, folder)


def _point(home: Path, name: str, target: Path) -> None:
    link, beside = home / name, home / (name + UNFINISHED)
    if link.exists() and not link.is_symlink():
        raise PublishError(
            f"{link} is a file or folder; a release is published by a symbolic link of that name.",
            next_step="move it away and publish again.",
        )
    remove(beside)
    beside.symlink_to(target.resolve().relative_to(home.resolve()))
    beside.replace(link)
    sync(home)
