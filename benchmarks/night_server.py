"""A Prefect server and worker as ``deploy/`` sets them up, to be killed and started again."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parents[1]
PREFECT = Path(sys.executable).with_name("prefect")
PATIENCE_SECONDS = 3600.0


class Office:
    """The server, its worker and their history in ``folder``; ``variables`` are theirs.

    What ``deploy/prefect.env`` sets holds, but for the port, the password and the folder.
    """

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        password = f"tildeling:{secrets.token_urlsafe(24)}"
        self.url = f"http://127.0.0.1:{free_port()}/api"
        shipped = {k: v for k, v in dotenv_values(ROOT / "deploy" / "prefect.env").items() if v}
        self.folder = folder
        self.variables = {
            **{k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")},
            **shipped,
            **variables,
            "PREFECT_HOME": str(folder),
            "PREFECT_API_URL": self.url,
            "PREFECT_SERVER_API_AUTH_STRING": password,
            "PREFECT_API_AUTH_STRING": password,
        }
        user, _, word = password.partition(":")
        self._client = httpx.Client(auth=(user, word), trust_env=False, timeout=60)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        """Start ``server`` or ``worker``; of the server return once it answers."""
        port = self.url.split(":")[2].removesuffix("/api")
        command = {
            "server": ["server", "start", "--host", "127.0.0.1", "--port", port],
            "worker": ["worker", "start", "--pool", "tildeling", "--type", "process"],
        }[name]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [str(PREFECT), *command],
                cwd=ROOT,
                env=self.variables,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if name == "server":
            wait(lambda: self.post("flows/count") is not None, "the server answers")

    def deploy(self) -> dict[str, str]:
        """Return the ids of the deployments of prefect.yaml by name, the night's schedule off."""
        for arguments in (
            ("work-pool", "create", "tildeling", "--type", "process", "--overwrite"),
            ("--no-prompt", "deploy", "--all"),
        ):
            subprocess.run(
                [str(PREFECT), *arguments],
                cwd=ROOT,
                env=self.variables,
                check=True,
                stdout=subprocess.DEVNULL,
            )
        ids = {one["name"]: str(one["id"]) for one in self.post("deployments/filter")}
        self.post(f"deployments/{ids['nightly']}/pause_deployment")
        return ids

    def post(self, path: str, **body: Any) -> Any:
        """Return what the server answers; None where it is away or busy."""
        try:
            answer = self._client.post(f"{self.url}/{path}", json=body)
        except httpx.TransportError:
            return None
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            return None
        answer.raise_for_status()
        return answer.json() if answer.content else ""

    def run(self, deployment: str) -> str:
        """Return the id of a new run, once the server has time to make it."""
        while (made := self.post(f"deployments/{deployment}/create_flow_run")) is None:
            time.sleep(1)
        return str(made["id"])

    def state(self, run: str) -> str | None:
        """Return the name of a run's state; None where the server is away."""
        found = self.post("flow_runs/filter", flow_runs={"id": {"any_": [run]}})
        return str(found[0]["state"]["name"]) if found else None

    def runs(self, deployment: str) -> set[str]:
        """Return the ids of the runs of a deployment."""
        found = self.post("flow_runs/filter", deployments={"id": {"any_": [deployment]}})
        return {str(one["id"]) for one in found or ()}

    def kill(self, name: str) -> None:
        """Kill ``server`` or ``worker`` with SIGKILL; a flow that the worker began goes on."""
        process = self.processes.pop(name)
        if name == "server":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()

    def end(self) -> None:
        """End what runs, the worker before the server that it speaks to."""
        for name in sorted(self.processes, reverse=True):
            process = self.processes[name]
            process.terminate()
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def office(folder: Path, variables: dict[str, str]) -> Iterator[Office]:
    """Yield a server that runs; what was started is ended after."""
    one = Office(folder, variables)
    try:
        one.start("server")
        yield one
    finally:
        one.end()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait(happened: Callable[[], bool], what: str, *, poll_seconds: float = 0.2) -> float:
    """Return the seconds until ``happened``; ``TimeoutError`` that says ``what`` after too long."""
    began = time.monotonic()
    while not happened():
        if time.monotonic() - began > PATIENCE_SECONDS:
            raise TimeoutError(f"waited {PATIENCE_SECONDS:.0f} s for: {what}")
        time.sleep(poll_seconds)
    return time.monotonic() - began


def kill_tree(process: int) -> None:
    """Kill the process and all its descendants at once."""
    found = [process]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    for one in found:
        try:
            os.kill(one, signal.SIGKILL)
        except ProcessLookupError:
            continue
