"""Fits of several questions at once, each in a process of its own.

Python works in one thread at a time, so fits in threads would wait for each other. What a fit says
is said here, in the thread that waits for it: a task's log has the lines of its own fit. A fit does
not outlive whoever asked for it, even one that was killed.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from logging.handlers import QueueHandler
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from pipeline.errors import StorageError
from pipeline.frozen import thawed
from pipeline.night.fits import fitted
from pipeline.runlog import LOGGER
from pipeline.setting_values import bytes_of
from pipeline.settings import Settings
from pipeline.warehouse.database.memory import memory_bytes

#: Of this machine's memory, what fits may have together, 0-1.
_SHARE = 0.9
#: What the name of a process with a fit begins with.
_NAME = "tildeling fit"
_SPAWN = multiprocessing.get_context("spawn")


def at_once(settings: Settings, n_runs: int) -> int:
    """Return how many of ``n_runs`` fits are made at once: by ``workers``, and as memory holds.

    Each may use ``memory_limit``.
    """
    room = int(memory_bytes() * _SHARE) // bytes_of(settings.memory_limit)
    return max(1, min(settings.workers, n_runs, room))


def fitted_at_once(runs: Sequence[Settings], *, full: bool = False) -> list[Path]:
    """Return the folders of the fits of ``runs``, one question each, made as many at once as may.

    The first failure in the order of ``runs`` is raised; fits at work then come to their end, and
    are there when it is tried again.
    """
    n = at_once(runs[0], len(runs))
    if n == 1:
        return [fitted(run, full=full) for run in runs]
    with ThreadPoolExecutor(n) as pool, stopping(pool):
        fits = [pool.submit(fitted_apart, run, full=full) for run in runs]
        return [fit.result() for fit in fits]


def fitted_apart(settings: Settings, *, full: bool = False) -> Path:
    """Return what :func:`~pipeline.night.fits.fitted` would, made by a process of its own.

    Its lines are logged here. Raises what it raised, and :class:`StorageError` when it ended
    without a word, as it does where the memory of the machine runs out.
    """
    ours, theirs = _SPAWN.Pipe(duplex=False)
    name = f"{_NAME} {settings.question.name}"
    child = _SPAWN.Process(
        target=_child, args=(theirs, settings.frozen(), full), name=name, daemon=True
    )
    child.start()
    theirs.close()
    try:
        while isinstance(said := ours.recv(), logging.LogRecord):
            LOGGER.handle(said)
    except EOFError:
        child.join()
        raise StorageError(
            f"the fit of {settings.question.name} ended without a word (exit code "
            f"{child.exitcode}).",
            next_step="mostly memory ran out: lower workers, which fits fewer questions at once, "
            "and run it again; what was fitted is kept.",
        ) from None
    finally:
        ours.close()
        child.terminate()
        child.join()
    if isinstance(said, BaseException):
        raise said
    folder: Path = said
    return folder


@contextmanager
def stopping(pool: Executor | None = None) -> Iterator[None]:
    """End the fits at work, and begin no more in ``pool``, when the block is interrupted.

    The threads that wait for them would be waited for, and an interruption take as long as a fit.
    """
    try:
        yield
    except Exception:
        raise
    except BaseException:
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)
        for child in multiprocessing.active_children():
            if child.name.startswith(_NAME):
                child.terminate()
        raise


def _child(parent: Connection, frozen: dict[str, Any], full: bool) -> None:
    """Fit under ``frozen`` and send ``parent`` records of the log, then the folder or the error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    LOGGER.setLevel(logging.INFO)
    LOGGER.propagate = False
    LOGGER.addHandler(_ToParent(parent))
    try:
        parent.send(fitted(thawed(frozen), full=full))
    except Exception as error:
        error.add_note(traceback.format_exc())
        parent.send(error)


class _ToParent(QueueHandler):
    """Sends what is logged over ``connection``, as text."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)  # type: ignore[arg-type]
        self._connection = connection

    def enqueue(self, record: logging.LogRecord) -> None:
        """Send ``record``, which :meth:`QueueHandler.prepare` has made fit for it."""
        self._connection.send(record)


def _end_with_parent() -> None:
    """End this process when the one that started it has ended, however it did."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
