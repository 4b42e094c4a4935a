"""Commands as processes that can be killed: forked from one that has imported everything.

The interpreter and the libraries take seconds to start and touch no file of the home, so a child
that begins where they are loaded leaves the same state on disk as `tildeling` started anew.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import reports
from pipeline.commands import cli
from pipeline.night import results, steps, truth

#: What commands import when they are called.
PRELOADED = (reports, results, steps, truth)
#: Python's audit events that change a folder; what DuckDB does inside its files is not among them.
_STEPS = frozenset(
    f"os.{name}" for name in ("rename", "link", "symlink", "remove", "mkdir", "rmdir", "chmod")
) | {"ctypes.call_function"}


def start(
    action: Sequence[str] | Callable[[], object], log: Path, *, step: int | None = None
) -> int:
    """Return the process id of a child that runs ``action`` in a group of its own.

    ``action`` is a command line of `tildeling` or a function; what it prints goes to ``log``. With
    ``step`` the child kills itself before its change number ``step`` (from 1) of the file system.
    """
    log.unlink(missing_ok=True)
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        os.setsid()
        handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        if step is not None:
            _kill_at(step, log.with_suffix(".steps"))
        if callable(action):
            action()
            code = 0
        else:
            code = cli.main(action)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _kill_at(step: int, trace: Path) -> None:
    """Kill this process before its change number ``step``; the changes so far are in ``trace``."""
    handle = os.open(trace, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    seen = 0

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        if event not in _STEPS:
            return
        seen += 1
        if seen == step:
            os.kill(os.getpid(), signal.SIGKILL)
        os.write(handle, f"{event} {arguments[:2]}\n".encode())

    sys.addaudithook(audit)


def wait(child: int) -> int:
    """Return how the process ended: its exit code, or minus the signal that killed it."""
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def run(action: Sequence[str] | Callable[[], object], log: Path) -> tuple[int, float]:
    """Return exit code and seconds of ``action`` run to its end."""
    began = time.monotonic()
    code = wait(start(action, log))
    return code, time.monotonic() - began


def kill_later(
    action: Sequence[str],
    log: Path,
    *,
    seconds: float,
    after: Callable[[], bool] = lambda: True,
) -> int:
    """Return how ``action`` ended when killed ``seconds`` after ``after`` first became true.

    0 or another exit code when it had ended before.
    """
    child = start(action, log)
    moment: float | None = None
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if moment is None and after():
            moment = time.monotonic() + seconds
        if moment is not None and time.monotonic() >= moment:
            os.killpg(child, signal.SIGKILL)
            return wait(child)
        time.sleep(0.001)


def in_child(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return ``function(*arguments)``, computed in a child: this process never opens DuckDB."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            result = (True, function(*arguments))
        except BaseException:
            result = (False, traceback.format_exc())
        with os.fdopen(writing, "wb") as stream:
            pickle.dump(result, stream)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        content = stream.read()
    wait(child)
    is_done, result = pickle.loads(content)
    if not is_done:
        raise RuntimeError(result)
    return result
