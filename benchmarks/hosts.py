"""Two hosts on one machine: network namespaces joined by a cable, each with folders of its own.

Needs root and Debian's iproute2. What runs on a host has the host's name, its own network (loopback
and the cable), home and temporary folder, and does not see the other's; both see ``shared``.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
NAMES = ("host-a", "host-b")
#: Of the block for documentation (RFC 5737): no machine has them.
ADDRESSES = ("192.0.2.1", "192.0.2.2")
PORT = 8786
SCHEDULER = f"tls://{ADDRESSES[0]}:{PORT}"
_INSIDE = """
hostname "$1"; mount --bind "$2/tmp" /tmp; mount -t tmpfs none "$3"; cd "$2/home"; shift 3
exec "$@"
"""


@dataclass
class Host:
    """One of two; ``processes`` are those started on it, by name."""

    name: str
    address: str
    folder: Path
    other: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(
        self, name: str, *command: object, **variables: str | None
    ) -> subprocess.Popen[bytes]:
        """Start ``command`` here; what it says goes to ``<name>.log`` in this host's folder.

        It has this host's environment with ``variables``, without those that are None.
        """
        environment = self.variables() | variables
        inside = ["unshare", "--mount", "--uts", "sh", "-ec", _INSIDE, "sh"]
        places = [self.name, str(self.folder), str(self.other)]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [*("ip", "netns", "exec", self.name), *inside, *places, *map(str, command)],
                env={key: value for key, value in environment.items() if value is not None},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self.processes[name]

    def run(self, name: str, *command: object, **variables: str | None) -> int:
        """Return the exit code of ``command`` on this host."""
        return self.start(name, *command, **variables).wait()

    def said(self, name: str) -> str:
        """Return what ``name`` has said so far."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def kill(self, name: str) -> None:
        """Kill ``name`` and all it started with SIGKILL, as a power cut would."""
        process = self.processes.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def variables(self) -> dict[str, str | None]:
        """Return the environment on this host: its folders, and Dask's as ``deploy/`` has it."""
        ours = ("PREFECT_", "TILDELING_", "DASK_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        certificates = str(self.folder / "certificates")
        shipped = {
            name: (value or "").replace("/etc/tildeling/dask", certificates)
            for name, value in dotenv_values(ROOT / "deploy" / "dask.env").items()
        }
        own = {"HOME": str(self.folder / "home"), "TMPDIR": "/tmp", "PYTHONPATH": str(ROOT)}
        return {**kept, **shipped, **own, "OPENBLAS_NUM_THREADS": "1"}

    def start_scheduler(self) -> None:
        """Start a scheduler with TLS, and return when it listens."""
        places = ("--host", self.address, "--port", PORT, "--dashboard-address", "127.0.0.1:8787")
        self.start("scheduler", BIN / "dask", "scheduler", "--protocol", "tls", *places)
        wait(lambda: "Scheduler at" in self.said("scheduler"), "the scheduler listens")

    def start_worker(self) -> None:
        """Start a worker of the scheduler, and return when it has registered."""
        before = self.said("worker").count("Registered to") if self.has_log("worker") else 0
        size = ("--nworkers", 1, "--nthreads", 1, "--memory-limit", "6GiB")
        places = ("--host", self.address, "--dashboard-address", "127.0.0.1:0")
        places += ("--local-directory", "/tmp", "--name", self.name)
        self.start("worker", BIN / "dask", "worker", SCHEDULER, *size, *places)
        wait(lambda: self.said("worker").count("Registered to") > before, "the worker registers")

    def has_log(self, name: str) -> bool:
        """Return whether anything called ``name`` was started here."""
        return (self.folder / f"{name}.log").exists()

    def processor_seconds(self, name: str) -> float:
        """Return the processor time so far of all processes of ``name``, seconds."""
        group, ticks = self.processes[name].pid, 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                fields = stat.read_text().rpartition(")")[2].split()
                if int(fields[3]) == group:  # its session
                    ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def two_hosts(folder: Path) -> Iterator[tuple[Host, Host]]:
    """Yield two hosts with folders in the new ``folder``, with certificates of one authority."""
    hosts = tuple(
        Host(name, address, folder / name, folder / other)
        for name, address, other in zip(NAMES, ADDRESSES, reversed(NAMES), strict=True)
    )
    for host in hosts:
        for inner in ("home", "tmp"):
            (host.folder / inner).mkdir(parents=True)
    (folder / "shared").mkdir()
    certificates(folder / "authority", folder, NAMES)
    try:
        for host in hosts:
            _ip("netns", "add", host.name)
        _ip(*("link", "add", "cable-a", "netns", NAMES[0]), *("type", "veth"))
        # The other end comes beside it, and is laid into the other host.
        _ip(*("-n", NAMES[0], "link", "set", "veth0", "netns", NAMES[1], "name", "cable-b"))
        for host, cable in zip(hosts, ("cable-a", "cable-b"), strict=True):
            _ip("-n", host.name, "address", "add", f"{host.address}/24", "dev", cable)
            _ip("-n", host.name, "link", "set", "lo", "up")
            _ip("-n", host.name, "link", "set", cable, "up")
        yield hosts[0], hosts[1]
    finally:
        for host in hosts:
            for name in list(host.processes):
                host.kill(name)
            subprocess.run(["ip", "netns", "delete", host.name], check=False)


def certificates(authority: Path, folder: Path, names: tuple[str, ...]) -> None:
    """Put a certificate of ``authority`` into the folder of each host of ``names``."""
    script = ROOT / "deploy" / "dask-certificates.sh"
    subprocess.run(["sh", "-e", script, authority, *names], check=True, capture_output=True)
    for name in names:
        (authority / name).rename(folder / name / "certificates")


def wait(is_so: Callable[[], bool], what: str, seconds: float = 600) -> None:
    """Return when ``is_so``; SystemExit after ``seconds``."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise SystemExit(f"not in {seconds:.0f} s: {what}")
        time.sleep(0.1)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
