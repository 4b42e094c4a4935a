"""No night begins with a Prefect that other users of the machine can use or read."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from pipeline.errors import SettingsError

server = pytest.importorskip("flows.server")
settings = pytest.importorskip("prefect.settings")


@contextmanager
def answering(status: int) -> Iterator[str]:
    """Yield the address of a server that answers whoever asks with ``status``."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", "1")
            self.end_headers()
            self.wfile.write(b"3")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    one = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=one.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{one.server_address[1]}/api"
    finally:
        one.shutdown()


@contextmanager
def prefect(folder: Path, address: str | None = None) -> Iterator[None]:
    named = {settings.PREFECT_HOME: folder, settings.PREFECT_API_URL: address}
    with settings.temporary_settings(named):
        yield


def test_a_server_that_asks_for_no_password_is_refused(tmp_path: Path) -> None:
    with (
        answering(200) as address,
        prefect(tmp_path, address),
        pytest.raises(SettingsError) as error,
    ):
        server.refuse_open_server()
    assert f"{address} asks for no password" in error.value.message
    assert "PREFECT_SERVER_API_AUTH_STRING" in error.value.message


@pytest.mark.parametrize("status", [401, 403, 500])
def test_a_server_that_turns_strangers_away_is_not(tmp_path: Path, status: int) -> None:
    with answering(status) as address, prefect(tmp_path, address):
        server.refuse_open_server()


@pytest.fixture
def in_the_open() -> Iterator[Path]:
    """A folder that every user of the machine can enter; pytest's own cannot be."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        if not all(path.stat().st_mode & 0o001 for path in folder.parents):
            pytest.skip("the folder for temporary files is closed to others")
        yield folder


def test_a_history_that_others_can_read_is_refused_and_one_in_a_closed_folder_is_not(
    in_the_open: Path,
) -> None:
    history = in_the_open / "prefect"
    history.mkdir(mode=0o755)
    database = history / "prefect.db"
    database.write_text("what a run said")
    database.chmod(0o644)
    assert others_read(database) is not False
    with prefect(history), pytest.raises(SettingsError, match="every user") as error:
        server.refuse_open_server()
    assert f"chmod 700 {history}" in error.value.message
    history.chmod(0o700)
    assert others_read(database) is not True
    with prefect(history):
        server.refuse_open_server()


def others_read(path: Path) -> bool | None:
    """Return whether user nobody can read ``path``; None where nobody's part cannot be taken."""
    if os.geteuid() != 0:
        return None
    read = subprocess.run(["cat", str(path)], user="nobody", capture_output=True, check=False)
    return read.returncode == 0


def test_without_a_server_or_a_history_nothing_is_refused(tmp_path: Path) -> None:
    with prefect(tmp_path):
        server.refuse_open_server()
