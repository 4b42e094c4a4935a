"""Where a run says what it does: plain lines on the terminal and a file per night."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

LOGGER = logging.getLogger("tildeling")
_FORMAT = "%(asctime)s %(levelname)s %(message)s"


_TERMINAL = "terminal"
#: Files kept of each kind of run: as many as pages of the journal.
LOGS_KEPT = 400


def log_to_terminal() -> None:
    """Send the ``tildeling`` logger's lines to standard error as it is now, once each."""
    LOGGER.setLevel(logging.INFO)
    # Prefect puts a terminal handler on the root logger; every line would come twice.
    LOGGER.propagate = False
    for handler in list(LOGGER.handlers):
        if handler.name == _TERMINAL:
            LOGGER.removeHandler(handler)
    handler = logging.StreamHandler(sys.stderr)
    handler.name = _TERMINAL
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    LOGGER.addHandler(handler)


@contextmanager
def log_to_file(home: Path, name: str) -> Iterator[Path]:
    """Also send the lines to ``logs/<name>-<UTC time>.log`` in ``home`` while the block runs.

    The newest :data:`LOGS_KEPT` files of ``name`` stay.
    """
    # Lines name files and values of a delivery, and how many rows it has.
    folder = home / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    if folder.stat().st_uid == os.getuid():
        folder.chmod(0o700)
    path = folder / f"{name}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.log"
    handler = logging.FileHandler(path, encoding="utf-8")
    for old in sorted(folder.glob(f"{name}-*.log"))[:-LOGS_KEPT]:
        old.unlink(missing_ok=True)
    handler.setFormatter(logging.Formatter(_FORMAT))
    LOGGER.setLevel(logging.INFO)
    LOGGER.addHandler(handler)
    try:
        yield path
    finally:
        LOGGER.removeHandler(handler)
        handler.close()
