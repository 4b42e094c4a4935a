"""Where microdata lies: in folders that nobody but this user can enter.

The home itself stays open, so that analysts can read ``benchmark.duckdb`` in it.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import StorageError

_RESTRICTED = "restricted"
#: Ending of what is not yet in place.
UNFINISHED = ".next"
_CLOSED = 0o700


def closed_folder(folder: Path) -> Path:
    """Return ``folder``, made if it is missing, after closing it to other users (mode 0700)."""
    folder.mkdir(parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o777 != _CLOSED:
        try:
            folder.chmod(_CLOSED)
        except PermissionError:
            raise StorageError(
                f"{folder} holds data about persons, is open to others and belongs to another user",
                expected="a folder of mode 0700 of the user who runs this",
                next_step=f"have its owner run: chmod 700 {folder}",
            ) from None
    return folder


def link_restricted(path: Path) -> Path:
    """Return where the database ``path`` really lies: in ``restricted/`` beside, mode 0700.

    ``path`` becomes a symlink to it. A database from before, at ``path`` itself, is moved there; it
    can be opened at ``path`` at every moment of the move.
    """
    target = closed_folder(path.parent / _RESTRICTED) / path.name
    link, moved = (place.with_name(place.name + UNFINISHED) for place in (path, target))
    for stale in (link, moved):
        stale.unlink(missing_ok=True)
    if path.is_file() and not path.is_symlink():
        moved.hardlink_to(path)
        moved.replace(target)
    if not path.is_symlink():
        link.symlink_to(target.relative_to(path.parent))
        link.replace(path)
    return target
