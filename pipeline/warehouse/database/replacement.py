"""Replacing a database file whole: built beside, then put in place in one step."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import StorageError
from pipeline.warehouse.database.scratch import held, remove_abandoned

_UNFINISHED = ".next-"


@contextmanager
def folder_beside(target: Path) -> Iterator[Path]:
    """Yield a new folder beside ``target``, closed to other users, and remove it after.

    Folders that a crashed process left there are removed first; one in use is not. Raises
    :class:`StorageError` when the folder cannot be made.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    clean_beside(target)
    try:
        folder = Path(
            tempfile.mkdtemp(prefix=f"{target.stem}{_UNFINISHED}{os.getpid()}-", dir=target.parent)
        )
    except OSError as error:
        raise StorageError(
            f"cannot write in {target.parent}: {error.strerror}",
            next_step="choose a home you may write in, or free disk space.",
        ) from None
    with held(folder):
        yield folder


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Yield the path of a new database file that replaces ``target`` if the block succeeds.

    The file grows in a folder of its own beside ``target``, closed to other users, together with
    its log and spill files; ``target`` (mode 0600) is either the old file or the new one, whole.
    Raises :class:`StorageError` when the folder cannot be written or a write-ahead log lies beside
    ``target`` or the new file.
    """
    with folder_beside(target) as folder:
        refuse_log(target)
        unfinished = folder / target.name
        yield unfinished
        refuse_log(unfinished)
        unfinished.chmod(0o600)
        _sync(unfinished)
        unfinished.replace(target)
        _sync(target.parent)


def clean_beside(target: Path) -> list[Path]:
    """Return the folders that crashed processes left beside ``target``, after removing them."""
    return remove_abandoned(
        [
            *target.parent.glob(f"{target.stem}{_UNFINISHED}*"),
            *target.parent.glob(f"{target.name}.tmp-*"),
        ]
    )


def refuse_log(path: Path) -> None:
    """Raise :class:`StorageError` when a write-ahead log lies beside the database ``path``."""
    log = path.with_name(path.name + ".wal")
    if log.exists():
        raise StorageError(
            f"{log} lies beside the database: someone wrote to {path.name} and did not finish",
            expected="a database without a write-ahead log",
            next_step=f"close programs that have {path.name} open; if none has, remove {log.name}.",
        )


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
