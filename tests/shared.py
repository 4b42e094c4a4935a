"""What tests make once for the whole run, whichever process asks for it first.

A run's processes share one folder. What stands in it nobody changes: whoever asks gets a copy.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

#: Names the folder to the processes that a run starts.
VARIABLE = "FOLDER_SHARED_BY_TESTS"


def begin() -> None:
    """Open the folder of this run, to be removed when this process ends."""
    folder = tempfile.mkdtemp(prefix="tildeling-tests-")
    os.environ[VARIABLE] = folder
    atexit.register(shutil.rmtree, folder, ignore_errors=True)


def once(name: str, make: Callable[[Path], object]) -> Path:
    """Return the path of what ``make`` writes to the path it is given, to be read only.

    ``make`` is called by the first of the run who asks for ``name``; others wait for it. Where it
    fails, the next who asks calls it again.
    """
    if VARIABLE not in os.environ:
        begin()
    made = Path(os.environ[VARIABLE]) / name
    with made.with_name(f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            beside = Path(tempfile.mkdtemp(dir=made.parent)) / name
            make(beside)
            beside.rename(made)
    return made


def copy_of(name: str, path: Path, make: Callable[[Path], object]) -> Path:
    """Return ``path``, a new copy of what :func:`once` returns, for the asker to change."""
    made = once(name, make)
    if made.is_dir():
        return Path(shutil.copytree(made, path, symlinks=True, dirs_exist_ok=True))
    return Path(shutil.copyfile(made, path))
