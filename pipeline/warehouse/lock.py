"""One writer per home: two runs at once cannot mix their results."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import StorageError

_NAME = ".lock"


@contextmanager
def hold_home(home: Path) -> Iterator[None]:
    """Hold ``home`` for writing until the block ends, however it ends.

    The lock goes with the process, so nothing is left to clean after a crash. Raises
    :class:`StorageError` naming the process that holds it.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / _NAME).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise StorageError(
                f"{home} is being written by another run (process {holder}).",
                next_step="wait until it is done, or use another --home.",
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
