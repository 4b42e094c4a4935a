"""The Prefect server that a run reports to: whether it answers, and what its failures mean.

A night needs no server of its own: without ``PREFECT_API_URL`` Prefect starts one for the run.
"""

from __future__ import annotations

import os
import traceback
from pathlib import Path

import httpx
from prefect.client.orchestration import get_client
from prefect.exceptions import PrefectException
from prefect.settings import PREFECT_API_URL

from pipeline.errors import StorageError

_ROOT = Path(__file__).parent.parent
#: The rooms whose faults are never Prefect's.
_ROOMS = tuple(str(_ROOT / room) for room in ("pipeline", "synthetic_data", "reports"))
_NEXT = (
    "start the server, or unset PREFECT_API_URL: a night needs no server; the published release "
    "stands."
)
_NEXT_BUSY = (
    "wait until the machine has less to do, or give Prefect longer to start "
    "(PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS, 120 unless set). If that is not it: "
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
