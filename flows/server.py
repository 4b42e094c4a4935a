"""The Prefect server that a run reports to: whether it answers, to whom, what its failures mean.

A night needs no server of its own: without ``PREFECT_API_URL`` Prefect starts one for the run.
"""

from __future__ import annotations

import os
import stat
import traceback
from pathlib import Path

import httpx
from prefect.client.orchestration import get_client
from prefect.exceptions import PrefectException
from prefect.settings import PREFECT_API_URL, PREFECT_HOME

from pipeline.errors import SettingsError, StorageError

_ROOT = Path(__file__).parent.parent
#: The rooms whose faults are never Prefect's.
_ROOMS = tuple(str(_ROOT / room) for room in ("pipeline", "synthetic_data", "reports"))
_NEXT = (
    "start the server, or unset PREFECT_API_URL: a night needs no server; the published release "
    "stands."
)
_NEXT_BUSY = (
    "wait until the machine has less to do, or give Prefect longer to start "
    "(PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS, 120 on an idle machine unless set). If "
    "that is not it: "
)
_NEXT_OWN = (
    "look at free disk and memory, the limit of open files and free ports from 8000 to 9000, and "
    "run the command again; the published release stands. A server of your own, named by "
    "PREFECT_API_URL, is used instead."
)


def refuse_absent_server() -> None:
    """Raise :class:`StorageError` when a server is named and does not answer as Prefect's does."""
    address = PREFECT_API_URL.value()
    if not address:
        return
    try:
        with get_client(sync_client=True) as client:
            fault = client.api_healthcheck()
    # A name that is no address fails in as many ways as there are libraries below the client.
    except Exception as error:
        fault = error
    if fault is not None:
        raise StorageError(
            f"the Prefect server {address} does not answer: {_said(fault)}", next_step=_NEXT
        )


def refuse_open_server() -> None:
    """Raise :class:`SettingsError` where others can use the Prefect of this run or read its past.

    Whoever reaches a server without a password can have it run anything as its user, and what
    failed runs said holds names of files and values of a delivery.
    """
    history = Path(PREFECT_HOME.value()).resolve()
    open_files = [path for path in sorted(history.glob("prefect.db*")) if _is_open(path)]
    if open_files:
        raise SettingsError(
            f"{open_files[0]}, where Prefect keeps what runs said, can be read by every user.",
            expected="a folder PREFECT_HOME that only its owner can enter",
            next_step=f"run: chmod 700 {history}",
        )
    address = PREFECT_API_URL.value()
    if address and _answers_anybody(address):
        raise SettingsError(
            f"the Prefect server {address} asks for no password: whoever reaches it can have it "
            "run anything as its user.",
            expected="PREFECT_SERVER_API_AUTH_STRING where it is started, and the same in "
            "PREFECT_API_AUTH_STRING here",
            next_step="start it as deploy/ does (docs/operations.md), or unset PREFECT_API_URL: a "
            "night needs no server.",
        )


def _is_open(path: Path) -> bool:
    """Return whether users who are neither owner nor of the group can read ``path``."""
    ways = (bool(folder.stat().st_mode & stat.S_IXOTH) for folder in path.parents)
    return bool(path.stat().st_mode & stat.S_IROTH) and all(ways)


def _answers_anybody(address: str) -> bool:
    """Return whether the server tells its flows to somebody who says nothing of himself."""
    try:
        # Nothing secret is sent, and an unknown certificate does not make it less open.
        answer = httpx.post(f"{address}/flows/count", json={}, verify=False, timeout=30)
    except httpx.HTTPError:
        return False
    return answer.status_code == httpx.codes.OK


def is_of_prefect(error: BaseException) -> bool:
    """Return whether ``error`` came from Prefect's machinery and not from a step of ours."""
    kinds = (httpx.HTTPError, PrefectException, RuntimeError, OSError)
    frames = traceback.extract_tb(error.__traceback__)
    return isinstance(error, kinds) and not any(
        frame.filename.startswith(_ROOMS) for frame in frames
    )


def server_error(error: BaseException) -> StorageError:
    """Return what to tell a user about ``error``, for which :func:`is_of_prefect` holds."""
    address = PREFECT_API_URL.value()
    if address:
        return StorageError(
            f"the Prefect server {address} failed while the night ran: {_said(error)}",
            next_step=_NEXT,
        )
    n_ready, n_cores = os.getloadavg()[0], os.cpu_count() or 1
    is_busy = n_ready > n_cores
    return StorageError(
        f"Prefect, which runs the night, could not work on this machine: {_said(error)}",
        found=f"a load average of {n_ready:.1f} on {n_cores} cores"
        + (": the machine has more to do than it can" if is_busy else ""),
        next_step=(_NEXT_BUSY if is_busy else "") + _NEXT_OWN,
    )


def _said(error: BaseException) -> str:
    """Return the first line of ``error``, with its kind where it says nothing else."""
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else type(error).__name__
