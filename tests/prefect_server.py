"""One Prefect server for several nights of the tests: a start costs as much as a small night."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

#: User and password of the server.
PASSWORD = "tildeling:of-the-tests"
PREFECT = Path(sys.executable).with_name("prefect")
_STARTS_WITHIN_SECONDS = 180


@contextmanager
def prefect_server(folder: Path, environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yield the variables that name a server with its own history in ``folder``; end it after.

    It asks for a password, as the one of ``deploy/`` does.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    variables = {
        **environment,
        "PREFECT_HOME": str(folder),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_API_AUTH_STRING": PASSWORD,
    }
    command = [str(PREFECT), "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    log = folder.with_suffix(".log")
    with (
        log.open("w") as lines,
        subprocess.Popen(command, env=variables, stdout=lines, stderr=lines) as server,
    ):
        url = f"http://127.0.0.1:{port}/api"
        try:
            until = time.monotonic() + _STARTS_WITHIN_SECONDS
            while not _answers(f"{url}/health"):
                if server.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"no Prefect server: {log.read_text()[-2000:]}")
                time.sleep(0.5)
            yield {"PREFECT_API_URL": url, "PREFECT_API_AUTH_STRING": PASSWORD}
        finally:
            server.terminate()
            server.wait(timeout=60)


def _answers(address: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
