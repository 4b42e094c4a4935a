"""The Dask cluster that work of a night is handed to, where the settings name one.

Prefect's tasks stay in threads of the flow, as they do where processes of this machine do their
work: each hands its piece over and waits. So tasks, retries and logs are those of the night's own
Prefect, and workers need nothing but Dask, the code and the folders.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from flows.elsewhere import Piece, code, work_of
from pipeline.errors import SettingsError, StorageError
from pipeline.runlog import LOGGER
from pipeline.settings import Settings

LOG = logging.getLogger("tildeling")
_CONNECTS_WITHIN_SECONDS = 30
_CERTIFICATES = tuple(
    f"DASK_DISTRIBUTED__COMM__TLS__{name}" for name in ("CA_FILE", "CLIENT__CERT", "CLIENT__KEY")
)


class Cluster:
    """Workers that do what they are handed; from :func:`cluster`."""

    def __init__(self, client: Any, address: str) -> None:
        self._client = client
        self._address = address

    @property
    def n_workers(self) -> int:
        """How many workers there are now: as many pieces are done at once."""
        return len(self._client.scheduler_info(n_workers=-1)["workers"])

    def do(self, name: str, work: Callable[..., Any], *arguments: Any) -> Any:
        """Return what ``work`` of ``arguments`` gives on a worker; raises what it raised.

        What it logged is logged here. A worker that dies has another do it; a piece with which
        four of them died, or a scheduler that is gone, is a :class:`StorageError`.
        """
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError

        future = self._client.submit(work_of, code(), work, arguments, pure=False)
        try:
            piece: Piece = future.result()
        except KilledWorker as error:
            raise StorageError(
                f"{name}: the workers that did it ended without a word, the last "
                f"{error.last_worker.address}.",
                next_step="mostly memory ran out: give workers more (--memory-limit), or start "
                "fewer on a machine, and run it again.",
            ) from None
        except FutureCancelledError:
            raise StorageError(
                f"{name}: the Dask scheduler {self._address} is gone.",
                next_step="start it and its workers, and run it again.",
            ) from None
        for record in piece.records:
            LOGGER.handle(record)
        LOG.info("%s: by %s in %.1f s", name, piece.worker, piece.seconds)
        return piece.value


@contextmanager
def cluster(settings: Settings) -> Iterator[Cluster | None]:
    """Yield the cluster of ``dask_address``, or None where no setting names one.

    What is at work when the block ends is given up. Raises :class:`SettingsError` where Dask is
    not installed or has no certificates, :class:`StorageError` where the scheduler does not answer.
    """
    address = settings.dask_address
    if not address:
        yield None
        return
    if find_spec("distributed") is None:
        raise SettingsError(
            f"dask_address is {address}, and Dask is not installed.",
            next_step="install it here and on the workers (pip install 'tildeling[dask]'), or "
            "leave dask_address out.",
        )
    from distributed import Client

    _refuse_missing_certificates(address)
    try:
        client = Client(address, timeout=_CONNECTS_WITHIN_SECONDS, set_as_default=False)
    except OSError as error:
        raise StorageError(
            f"the Dask scheduler {address} does not answer: {_first_cause(error)}",
            next_step="start it, or look whether its certificates and those here are signed by "
            'the same authority (docs/operations.md, "On several machines").',
        ) from None
    with client:
        one = Cluster(client, address)
        if not one.n_workers:
            LOG.warning("the Dask scheduler %s has no workers: its tasks wait for one", address)
        yield one


def refuse_absent_cluster(settings: Settings) -> None:
    """Raise what :func:`cluster` would, before a night begins that needs it at its end."""
    with cluster(settings):
        pass


def _refuse_missing_certificates(address: str) -> None:
    if not address.startswith(("tls:", "wss:")):
        return
    from distributed.security import Security

    fault = "they are not named"
    try:
        if Security().get_connection_args("client").get("ssl_context"):
            return
    # Of files (an SSLError is one, too), or of what the configuration says.
    except (OSError, ValueError) as error:
        fault = str(error)
    raise SettingsError(
        f"the certificates for {address} cannot be used: {fault}",
        expected=f"PEM files named by {', '.join(_CERTIFICATES)}",
        next_step='see docs/operations.md, "On several machines".',
    )


def _first_cause(error: BaseException) -> str:
    """Return what ``error`` came from, in a line."""
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
