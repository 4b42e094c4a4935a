"""A Prefect server's automations tried: runs that fail, are late, die, or fall silent."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from uuid import uuid4

import httpx

#: How long an event may take to its action on a busy machine, seconds.
PATIENCE = 90
#: How long a server is left alone whose database is busy, before it is asked again.
BUSY_PAUSES_S = (0.5, 1, 2, 4, 8, 16)


@contextmanager
def webhook() -> Iterator[tuple[str, list[str]]]:
    """Yield an address and the texts that are posted to it."""
    said: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            said.append(json.loads(body)["text"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/alerts", said
    finally:
        server.shutdown()


class Server:
    """The server's interface, as far as runs without a process need it."""

    def __init__(self, variables: dict[str, str]) -> None:
        user, _, password = variables["PREFECT_API_AUTH_STRING"].partition(":")
        self._client = httpx.Client(
            base_url=variables["PREFECT_API_URL"] + "/",
            auth=(user, password),
            trust_env=False,
            timeout=30,
        )

    def post(self, path: str, **body: Any) -> Any:
        """Return what the server answers."""
        answer = self._send(path, body)
        return answer.json() if answer.content else None

    def _send(self, path: str, body: Any, method: str = "POST") -> httpx.Response:
        """Return the answer; a server whose database is busy says 503 or nothing: asked again.

        Prefect's own client does so too.
        """
        for pause in BUSY_PAUSES_S:
            with suppress(httpx.ReadTimeout):
                answer = self._client.request(method, path, json=body)
                if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                    answer.raise_for_status()
                    return answer
            time.sleep(pause)
        raise TimeoutError(f"the server has no answer to {method} {path}")

    def deploy(self, flow: str, name: str) -> str:
        """Return the id of a deployment that no worker serves."""
        of_flow = self.post("flows/", name=flow)["id"]
        return str(self.post("deployments/", name=name, flow_id=of_flow)["id"])

    def run(self, deployment: str) -> str:
        """Return the id of a new run."""
        return str(self.post(f"deployments/{deployment}/create_flow_run")["id"])

    def runs(self, deployment: str) -> list[dict[str, Any]]:
        """Return the runs of a deployment."""
        wanted = {"deployments": {"id": {"any_": [deployment]}}}
        return list(self.post("flow_runs/filter", **wanted))

    def end(self, run: str, kind: str, message: str) -> None:
        """Put a run in a state."""
        state = {"type": kind, "message": message}
        self.post(f"flow_runs/{run}/set_state", state=state, force=True)

    def beat(self, run: str, deployment: str) -> None:
        """Send a sign of life of a run."""
        event = {
            "occurred": datetime.now(UTC).isoformat(),
            "event": "prefect.flow-run.heartbeat",
            "resource": {"prefect.resource.id": f"prefect.flow-run.{run}"},
            "related": [
                {
                    "prefect.resource.id": f"prefect.deployment.{deployment}",
                    "prefect.resource.role": "deployment",
                }
            ],
            "id": str(uuid4()),
        }
        self._send("events", [event])

    def state(self, run: str) -> str:
        """Return the name of a run's state."""
        answer = self._send(f"flow_runs/{run}", None, "GET")
        return str(answer.json()["state"]["name"])


def wait(happened: Callable[[], Any], what: str) -> None:
    """Return once ``happened``; fails with ``what`` after :data:`PATIENCE`."""
    until = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < until, what
        time.sleep(0.5)
