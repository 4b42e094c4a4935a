"""The releases of a home: what is kept, what is in place, and going back.

A release is a database file, a folder of Parquet copies, a folder with a link to each of the two,
and a manifest, in ``releases/`` under names that are never used again; the manifest is written
last, so a release without one is a leftover. ``benchmark.duckdb`` and ``parquet`` in the home are
symlinks that lead through ``releases/current``, a symlink to the folder of links of the release in
place: pointing that one elsewhere changes both in one step.
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
from pipeline.warehouse.database.scratch import remove_abandoned

LINK = "benchmark.duckdb"
PARQUET_LINK = "parquet"
#: In ``releases/``: the one link that decides which release is in place.
CURRENT = "current"
UNFINISHED = ".next"
#: The moment in the name of a release.
MOMENT = "%Y%m%dT%H%M%S%fZ"


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
        """The run, rows per table and what else was written beside the release.

        Empty where the manifest is damaged.
        """
        return _read_manifest(_manifest_path(self.path))

    @property
    def is_whole(self) -> bool:
        """Whether the file still has the content that was published, as the manifest says."""
        return self.path.exists() and sha256_of(self.path) == self.sha256


def parquet_folder(path: Path) -> Path:
    """Return the folder of the Parquet copies of the release file ``path``."""
    return path.with_suffix(".parquet")


def list_releases(home: Path) -> list[Release]:
    """Return the releases kept in ``home``, newest first; one whose manifest is damaged too."""
    releases = []
    for manifest in sorted((home / "releases").glob("benchmark-*.json"), reverse=True):
        text = _read_manifest(manifest)
        path = manifest.with_suffix(".duckdb")
        releases.append(Release(path, str(text.get("run_id", "")), str(text.get("sha256", ""))))
    return releases


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
        release = find_release(home, part)
    else:
        release = _one_before(home, current_release(home))
    refuse_changed(release)
    put_in_place(home, release.path)
    return release


def refuse_changed(release: Release) -> None:
    """Raise :class:`PublishError` when the file of ``release`` is missing or was written to."""
    if not release.is_whole:
        raise PublishError(
            f"{release.path} is not as it was published: it was written to, damaged or removed",
            expected=f"SHA-256 {release.sha256}",
            next_step="put another release in place with `tildeling rollback RELEASE`.",
        )


def _one_before(home: Path, release: Release | None) -> Release:
    for other in list_releases(home):
        if release is not None and other.name < release.name:
            return other
    raise StorageError(
        f"there is no release before {release.name if release else 'any in place'} in {home}",
        next_step="run `tildeling releases` for those that are kept.",
    )


def put_in_place(home: Path, path: Path) -> None:
    """Point the links of ``home`` to the release file ``path``, all in one step.

    Raises :class:`PublishError` when something else lies in the place of a link.
    """
    _lead_through_current(home)
    _point(home / "releases" / CURRENT, links_folder(path))


def clean_unfinished(home: Path) -> list[Path]:
    """Return the leftovers of interrupted publications in ``home``, after removing them.

    A home of before, whose links lead straight to a release, is brought up to date.
    """
    releases = home / "releases"
    leftovers = {
        *releases.glob(f"*{UNFINISHED}*"),
        *(home / f"{name}{UNFINISHED}" for name in (LINK, PARQUET_LINK)),
    }
    target = (home / LINK).resolve()
    for path in releases.glob("benchmark-*.duckdb"):
        if not _manifest_path(path).exists() and path.resolve() != target:
            leftovers.add(path)
    for path in (
        path for ending in ("json", "parquet", "links") for path in releases.glob(f"*.{ending}")
    ):
        database = path.with_suffix(".duckdb")
        if not database.exists() or database in leftovers:
            leftovers.add(path)
    removed = sorted(path for path in leftovers if path.exists() or path.is_symlink())
    for path in removed:
        remove(path)
    if (home / LINK).exists() and target.parent == releases.resolve():
        _lead_through_current(home)
    return [*removed, *remove_abandoned(releases.glob("benchmark-*.tmp-*"))]


def remove_release(path: Path) -> None:
    """Remove the release file ``path`` and all that belongs to it."""
    # The manifest goes first: what a crash leaves of a release without one is cleaned later.
    for part in (_manifest_path(path), path, links_folder(path), parquet_folder(path)):
        remove(part)


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


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def links_folder(path: Path) -> Path:
    """Return the folder of links to the release file ``path`` and its copies, made if missing."""
    folder = path.with_suffix(".links")
    if not folder.is_dir():
        beside = folder.with_name(folder.name + UNFINISHED)
        remove(beside)
        beside.mkdir()
        (beside / LINK).symlink_to(Path("..") / path.name)
        (beside / PARQUET_LINK).symlink_to(Path("..") / parquet_folder(path).name)
        beside.rename(folder)
    return folder


def _lead_through_current(home: Path) -> None:
    """Have both links of ``home`` lead through ``releases/current``, to what they show now."""
    current = home / "releases" / CURRENT
    for name in (LINK, PARQUET_LINK):
        if (home / name).exists() and not (home / name).is_symlink():
            raise PublishError(
                f"{home / name} is a file or folder; a release is published by a symbolic link of "
                "that name.",
                next_step="move it away and publish again.",
            )
    wanted = {name: current / name for name in (LINK, PARQUET_LINK)}
    if all(_leads_to(home / name, target) for name, target in wanted.items()):
        return
    database = home / LINK
    shown = current.parent / database.resolve().name
    if database.exists() and not _leads_to(database, wanted[LINK]) and shown.exists():
        # A link of before, or somebody's own: it decides.
        _point(current, links_folder(shown))
    for name, target in wanted.items():
        _point(home / name, target)


def _leads_to(link: Path, target: Path) -> bool:
    """Return whether the symlink ``link`` names ``target``, itself perhaps a link."""
    return link.is_symlink() and link.readlink() == target.relative_to(link.parent)


def _point(link: Path, target: Path) -> None:
    """Have the symlink ``link`` name ``target``, which lies below its folder, in one step."""
    beside = link.with_name(link.name + UNFINISHED)
    remove(beside)
    beside.symlink_to(target.relative_to(link.parent))
    beside.replace(link)
    sync(link.parent)
