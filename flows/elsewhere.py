"""Work of a night as a worker of a cluster does it: one piece at a time, by the same code.

Nothing here knows Prefect: a worker that ran Prefect's tasks would need the address and password of
the night's server, or start one of its own.
"""

from __future__ import annotations

import logging
import platform
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from logging.handlers import QueueHandler
from pathlib import Path
from queue import SimpleQueue
from time import perf_counter
from typing import Any

import synthetic_data
from pipeline.errors import SettingsError, StorageError
from pipeline.frozen import thawed
from pipeline.night import fits
from pipeline.runlog import LOGGER
from pipeline.setting_values import content_of
from pipeline.warehouse.marts.fingerprints import fingerprint
from synthetic_data.files.partitions import Made, Partition, make_partition, this_process

#: With two at once in a process the libraries' threads, and so last digits, would be anybody's.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Piece:
    """What came of a piece of work: its value, who did it in how long, and what was logged."""

    value: Any
    worker: str
    seconds: float
    records: list[logging.LogRecord]


@cache
def code() -> str:
    """Return the fingerprint of all code that work handed to a worker may be done by."""
    folder = Path(synthetic_data.__file__).parent
    return fingerprint(
        fits.code_fingerprint(), *(content_of(folder, f"**/*.{end}") for end in ("py", "toml"))
    )


def work_of(code_of_night: str, work: Callable[..., Any], arguments: tuple[Any, ...]) -> Piece:
    """Return what ``work`` of ``arguments`` gives here, if the code here is that of the night.

    Raises :class:`SettingsError` where it is not: the part would be of another country or model.
    """
    if code() != code_of_night:
        raise SettingsError(
            f"the worker {this_process()} has other code, or other packages, than the night.",
            expected="the same version of Tildeling and of its packages on all machines",
            next_step="install it there, and start the worker again.",
        )
    with _ONE_AT_A_TIME:
        began = perf_counter()
        said: SimpleQueue[logging.LogRecord] = SimpleQueue()
        handler = QueueHandler(said)
        level = LOGGER.level
        LOGGER.setLevel(logging.INFO)
        LOGGER.addHandler(handler)
        try:
            value = work(*arguments)
        finally:
            LOGGER.removeHandler(handler)
            LOGGER.setLevel(level)
        records = [said.get() for _ in range(said.qsize())]
        return Piece(value, this_process(), perf_counter() - began, records)


def partition(part: Partition) -> Made:
    """Make the parts of ``part`` in a folder that the night's machine sees too."""
    _refuse_unseen(Path(part.folder).parent)
    return make_partition(part)


def fit(frozen: dict[str, Any]) -> None:
    """Fit the one question of the settings ``frozen`` in a home that the night's machine sees."""
    settings = thawed(frozen)
    _refuse_unseen(settings.registers_path)
    fits.fitted(settings)


def _refuse_unseen(path: Path) -> None:
    if not path.exists():
        raise StorageError(
            f"the worker on {platform.node()} does not see {path}.",
            expected="a home on a file system that all machines have in the same place",
            next_step='see docs/operations.md, "On several machines".',
        )
