"""What a crash leaves: the state before every single change of the file system is looked at.

A process that is killed leaves what it has done so far. So a copy of the home is taken before each
change, and each copy has to be wholly the old state or the new, and clean after the next start.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from test_publish import RUN, publish_release, published, result_frames

from pipeline import folders
from pipeline.folders import clean_replaced, replacing_folder
from pipeline.warehouse.database.connection import connect
from pipeline.warehouse.database.private import link_restricted
from pipeline.warehouse.publication.archive import archived
from pipeline.warehouse.publication.lock import hold_home
from pipeline.warehouse.publication.releases import current_release, list_releases, roll_back
from pipeline.warehouse.publication.retention import Retention

CHANGES = frozenset(f"os.{name}" for name in ("rename", "link", "symlink", "remove", "mkdir"))
WATCHED: list[Callable[[], None]] = []


def audit(event: str, arguments: tuple[Any, ...]) -> None:
    # Copies that go one by one with their release make no difference to anybody.
    is_copy = event == "os.remove" and str(arguments[0]).endswith(".parquet")
    if WATCHED and event in CHANGES and not is_copy:
        watcher = WATCHED.pop()
        try:
            watcher()
        finally:
            WATCHED.append(watcher)


@pytest.fixture(scope="module", autouse=True)
def audited() -> None:
    # A hook stays as long as the process; without a watcher it does nothing.
    sys.addaudithook(audit)


def states(home: Path, copies: Path, action: Callable[[], object]) -> list[Path]:
    """Return copies of ``home`` as it was before each change that ``action`` made, and after."""
    result: list[Path] = []

    def take() -> None:
        result.append(copies / f"{len(result):03d}")
        shutil.copytree(home, result[-1], symlinks=True)

    WATCHED.append(take)
    try:
        action()
    finally:
        WATCHED.clear()
    take()
    return result


def in_place(home: Path) -> tuple[int, int]:
    """Return grants by the database and by the Parquet copy, each as an analyst opens it."""
    with duckdb.connect(str(home / "benchmark.duckdb"), read_only=True) as connection:
        row = connection.execute("SELECT sum(observed) FROM result.benchmark").fetchone()
    file = str(home / "parquet" / "benchmark.parquet")
    copied = duckdb.execute("SELECT sum(observed) FROM read_parquet(?)", [file]).fetchone()
    return int(row[0]), int(copied[0])


def names(home: Path) -> list[str]:
    return sorted(path.name for path in home.iterdir())


OLD, NEW = (98 * 7, 98 * 7), (98 * 9, 98 * 9)


def publish_second(home: Path) -> None:
    later = replace(RUN, finished_at=RUN.finished_at + timedelta(hours=1))
    publish_release(result_frames(9), later, home, retention=Retention(1))


def check(state: Path) -> tuple[int, int]:
    """Return what is in place in ``state`` after checking that the next start cleans it."""
    shown = in_place(state)
    with hold_home(state):
        pass
    assert in_place(state) == shown
    kept = list_releases(state)
    assert all(release.is_whole for release in kept)
    endings = [".duckdb", ".json", ".links", ".parquet"]
    assert names(state / "releases") == sorted(
        ["current", *(release.name + ending for release in kept for ending in endings)]
    )
    assert names(state) == [".lock", "archive", "benchmark.duckdb", "parquet", "releases"]
    # What is in place is archived; what is to be archived waits for being in place.
    now = current_release(state)
    assert now is not None
    assert now.name in archived(state)
    waiting = {path.name.split(".")[0] for path in (state / "archive").glob("*.next")}
    assert waiting <= {release.name for release in kept} - {now.name}
    return shown


def test_a_publication_is_old_or_new_before_each_of_its_steps(tmp_path: Path) -> None:
    home = tmp_path / "home"
    published(home, 7)
    taken = states(home, tmp_path / "states", lambda: publish_second(home))
    seen = [check(state) for state in taken]
    assert len(seen) >= 15
    assert set(seen) == {OLD, NEW}
    assert seen == sorted(seen), "once new, always new"
    assert [release.name for release in list_releases(taken[-1])] == [
        current_release(taken[-1]).name
    ]


def test_a_home_whose_links_lead_straight_to_a_release_is_taken_over(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (first,) = published(home, 7)
    (home / "releases" / "current").unlink()
    shutil.rmtree(first.path.with_suffix(".links"))
    for name, target in (("benchmark.duckdb", first.path), ("parquet", None)):
        (home / name).unlink()
        target = target or first.path.with_suffix(".parquet")
        (home / name).symlink_to(target.relative_to(home))

    def start() -> None:
        with hold_home(home):
            pass

    seen = [check(state) for state in states(home, tmp_path / "states", start)]
    assert len(seen) > 5
    assert set(seen) == {OLD}
    assert (home / "benchmark.duckdb").readlink() == Path("releases/current/benchmark.duckdb")


def test_a_rollback_changes_database_and_copies_together(tmp_path: Path) -> None:
    home = tmp_path / "home"
    published(home, 7, 9)
    taken = states(home, tmp_path / "states", lambda: roll_back(home))
    assert {in_place(state) for state in taken} == {OLD, NEW}


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_folder_is_replaced_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_exchange: bool
) -> None:
    home = tmp_path / "home"
    report = home / "report"
    report.mkdir(parents=True, mode=0o750)
    for name in "ab":
        (report / name).write_text("old")
    if not can_exchange:
        monkeypatch.setattr(folders, "exchange", lambda *_: False)

    def write() -> None:
        with replacing_folder(report) as folder:
            for name in "bc":
                (folder / name).write_text("new")

    taken = states(home, tmp_path / "states", write)
    seen = []
    for state in taken:
        clean_replaced(state / "report")
        assert names(state) == ["report"]
        assert (state / "report").stat().st_mode & 0o777 == 0o750
        seen.append({path.name: path.read_text() for path in (state / "report").iterdir()})
    assert seen[0] == {"a": "old", "b": "old"}
    assert seen[-1] == {"b": "new", "c": "new"}
    assert all(result in (seen[0], seen[-1]) for result in seen)


def test_a_run_that_fails_takes_away_what_it_had_begun(tmp_path: Path) -> None:
    def fail() -> None:
        with hold_home(tmp_path):
            (tmp_path / "unpublished.next").mkdir()
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        fail()
    assert names(tmp_path) == [".lock"]


def test_a_failure_leaves_the_folder(tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()

    def fail() -> None:
        with replacing_folder(tmp_path / "report") as folder:
            (folder / "half").touch()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert names(tmp_path) == ["report"]
    assert names(tmp_path / "report") == []


def test_microdata_can_be_opened_at_every_moment_of_their_move(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    path = home / "registers.duckdb"
    path.write_bytes(b"from before")
    for state in states(home, tmp_path / "states", lambda: link_restricted(path)):
        assert (state / "registers.duckdb").read_bytes() == b"from before"
        with hold_home(state):
            link_restricted(state / "registers.duckdb")
        assert (state / "registers.duckdb").resolve().read_bytes() == b"from before"
        assert names(state) == [".lock", "registers.duckdb", "releases", "restricted"] or names(
            state
        ) == [".lock", "registers.duckdb", "restricted"]
        assert names(state / "restricted") == ["registers.duckdb"]


def test_spilled_data_lie_in_the_closed_folder_and_only_those_of_the_dead_are_removed(
    tmp_path: Path,
) -> None:
    path = tmp_path / "registers.duckdb"
    target = link_restricted(path)
    # The process id in its name is that of this very process, as in a container it would be.
    with connect(path, read_only=False) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS n")
        (spill,) = target.parent.glob("*.tmp-*")
        with hold_home(tmp_path):
            pass
        assert spill.exists()
        assert spill.stat().st_mode & 0o077 == 0
    assert not spill.exists()
    spill.mkdir()
    (tmp_path / "benchmark.duckdb.tmp-1").mkdir()
    (tmp_path / "restricted" / "registers.next-1-x").mkdir()
    (tmp_path / "unpublished.next").mkdir()
    (tmp_path / "unpublished").mkdir()  # whole, and staged until somebody publishes it
    (tmp_path / ".report-x").mkdir()
    told: list[str] = []
    with hold_home(tmp_path, progress=told.append):
        pass
    assert len(told) == 5
    assert names(tmp_path) == [".lock", "registers.duckdb", "restricted", "unpublished"]
    assert names(tmp_path / "restricted") == ["registers.duckdb"]


def test_leftovers_are_told_in_a_home_given_as_a_relative_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The registers are reached through a link, so their folder's path is an absolute one."""
    monkeypatch.chdir(tmp_path)
    home = Path("home")
    home.mkdir()
    left = link_restricted(home / "registers.duckdb").with_name("registers.next-1-x")
    (home / "restricted" / "registers.duckdb").touch()
    left.mkdir()
    told: list[str] = []
    with hold_home(home, progress=told.append):
        assert not left.exists()
    assert len(told) == 1
    assert left.name in told[0]


def test_a_damaged_manifest_is_told_and_does_not_stop_the_next_night(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from pipeline.commands.cli import main

    (first,) = published(tmp_path, 7)
    first.path.with_suffix(".json").write_text('{"run_id": ')
    assert main(["releases", "--home", str(tmp_path)]) == 0
    assert f"{first.name}  not as published" in capsys.readouterr().out
    publish_release(
        result_frames(9),
        replace(RUN, finished_at=RUN.finished_at + timedelta(hours=1)),
        tmp_path,
        retention=Retention(2),
    )
    assert in_place(tmp_path) == NEW
    assert [release.is_whole for release in list_releases(tmp_path)] == [True, False]


def test_a_disk_that_is_full_when_rows_are_committed_is_an_error_of_storage(
    tmp_path: Path,
) -> None:
    """The system refuses to let a file grow, as a full disk does: here, while rows are committed.

    DuckDB then calls it an error of the transaction; where it is found earlier, one of the disk.
    """
    script = textwrap.dedent(
        """
        import resource, signal, sys
        from pathlib import Path
        from pipeline.errors import StorageError
        from pipeline.warehouse.database.connection import connect, transaction
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (6_000_000, -1))
        try:
            with connect(Path(sys.argv[1]), read_only=False) as connection, transaction(connection):
                connection.execute("CREATE TABLE t AS SELECT hash(range) AS n FROM range(999999)")
        except StorageError as error:
            print(error.message)
        """
    )
    said = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "x.duckdb")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "reading or writing failed while working on x.duckdb" in said.stdout, said.stderr
    assert said.returncode == 0, said.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_a_query_runs_is_an_interruption_and_no_defect(
    tmp_path: Path, number: signal.Signals
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    endless = "SELECT sum(hash(a.range, b.range)) FROM range(999999) a, range(999999) b"
    before = signal.signal(number, stopped)
    timer = threading.Timer(0.5, os.kill, (os.getpid(), number))
    timer.start()
    try:
        with (
            pytest.raises(KeyboardInterrupt),
            connect(tmp_path / "x.duckdb", read_only=False) as connection,
        ):
            connection.execute(endless)
    finally:
        timer.cancel()
        signal.signal(number, before)
