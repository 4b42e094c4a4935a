"""One writer per home: two runs at once cannot mix their results."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from pipeline.errors import StorageError, TildelingError
from pipeline.warehouse.publication.leftovers import clean_home

_NAME = ".lock"
_LOOK_AGAIN_SECONDS = 0.2


@contextmanager
def hold_home(
    home: Path, *, wait_seconds: float = 0, progress: Callable[[str], None] = lambda _: None
) -> Iterator[None]:
    """Hold ``home`` for writing until the block ends, however it ends.

    What runs that did not end left there is removed first, and what this one leaves when it fails.
    While another run holds it this waits
    up to ``wait_seconds``, and says so once through ``progress``. The lock itself goes with the
    process. Raises :class:`StorageError` naming who holds it: process, host and since when.
    """
    home.mkdir(parents=True, exist_ok=True)
    # Not truncated on opening: until the lock is ours, the text names whose it is.
    with (home / _NAME).open("a+", encoding="utf-8") as file:
        _take(file, home, wait_seconds, progress)
        file.truncate(0)
        json.dump(
            {
                "process": os.getpid(),
                "host": socket.gethostname(),
                "since": datetime.now(UTC).isoformat(timespec="seconds"),
            },
            file,
        )
        file.flush()
        for leftover in clean_home(home):
            # The whole path: the registers may lie behind a link, in another folder.
            progress(f"removed what an earlier run left: {leftover}")
        try:
            yield
        except BaseException:
            # Where even this fails, the next start tries again.
            with suppress(OSError, TildelingError):
                clean_home(home)
            raise


def holder(home: Path) -> str | None:
    """Return who holds ``home`` for writing now: process, host and since when; None if nobody."""
    try:
        with (home / _NAME).open(encoding="utf-8") as file:
            # Asked for only where its last holder may live: for as long as it is asked for, a run
            # that begins would not get it.
            if not _may_live(file):
                return None
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _holder(file)
    except FileNotFoundError:
        pass
    return None


def _take(file: TextIO, home: Path, wait_seconds: float, progress: Callable[[str], None]) -> None:
    give_up = time.monotonic() + wait_seconds
    is_told = False
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= give_up:
                raise StorageError(
                    f"{home} is being written by another run ({_holder(file)}).",
                    next_step="wait until it is done, or use another --home; "
                    "TILDELING_LOCK_WAIT_SECONDS says how long to wait for it.",
                ) from None
            if not is_told:
                progress(f"waiting for {home}: held by another run ({_holder(file)})")
                is_told = True
            time.sleep(_LOOK_AGAIN_SECONDS)
        else:
            return


def _may_live(file: TextIO) -> bool:
    """Return whether the process that ``file`` names is there, or is not of this host."""
    try:
        named = json.loads(file.read())
        if named["host"] != socket.gethostname():
            return True
        os.kill(int(named["process"]), 0)
    except ProcessLookupError:
        return False
    except (ValueError, KeyError, TypeError, PermissionError):
        return True
    return True


def _holder(file: TextIO) -> str:
    file.seek(0)
    try:
        holder = json.loads(file.read())
        return f"process {holder['process']} on {holder['host']} since {holder['since']}"
    except (ValueError, KeyError, TypeError):
        # The other run has just taken the lock and not yet written who it is.
        return "process unknown"
