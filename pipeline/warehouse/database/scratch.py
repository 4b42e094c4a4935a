"""Folders for the time of a run. A lock tells those in use from those that a crash left.

The lock goes with the process, whichever way it ends. A process id in the name would not do: in a
container every run has the same one, and on a shared disk another machine has others.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(folder: Path) -> Iterator[Path]:
    """Yield the existing ``folder``, held until the block ends; it is then removed."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        # Shared: a process may use the folder twice.
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield folder
    finally:
        os.close(handle)
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned(folders: Iterable[Path]) -> list[Path]:
    """Return those of ``folders`` that nobody holds, after removing them."""
    abandoned = [folder for folder in sorted(folders) if not _is_held(folder)]
    for folder in abandoned:
        shutil.rmtree(folder, ignore_errors=True)
    return abandoned


def _is_held(folder: Path) -> bool:
    try:
        handle = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
