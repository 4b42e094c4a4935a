"""Fits of a home: kept until what decides them changes, and several at once in processes."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from extracts_fixture import ExtractsFolder, with_one_grant
from test_benchmarks import OWN

from pipeline.commands.cli import main
from pipeline.errors import ModelError, StorageError
from pipeline.frozen import thawed
from pipeline.manifest import BACKFILLED, PUBLISHED
from pipeline.night import apart, fits, steps
from pipeline.settings import Settings, read_settings
from pipeline.warehouse.database import memory
from pipeline.warehouse.marts.load import load_extracts
from pipeline.warehouse.publication.leftovers import clean_home

QUESTIONS = "own,other"
#: A program that asks for fits whose work is a function of its own, in its children too.
PROGRAM = """
import logging, os, signal, sys, time
from pathlib import Path
from pipeline.night import apart
from pipeline.settings import read_settings

def fitted(settings, full=False):
    name, home = settings.question.name, settings.home
    logging.getLogger("tildeling").info("%s is at work", name)
    (home / f"{name}.next").write_text(str(os.getpid()))
    (home / f"{name}.next").rename(home / f"begun_{name}")
    while sys.argv[2] == "ever" or len(list(home.glob("begun_*"))) < 2:
        time.sleep(0.02)
    return home / name

apart.fitted = fitted
if __name__ == "__main__":
    # Who runs the tests in the background has interruptions ignored, and so would this program.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    settings = read_settings(home=sys.argv[1], benchmark="own,other")
    print(*apart.fitted_at_once(settings.runs()))
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home loaded for two questions about 2006, to be copied."""
    home = tmp_path_factory.mktemp("home")
    with_one_grant().write(home / "extracts")
    declare(home, OWN)
    settings = read_settings(home=home, threads=1, benchmark=QUESTIONS)
    load_extracts(home / "extracts", settings.registers_path, settings=settings)
    return home


def declare(home: Path, text: str) -> None:
    (home / "benchmarks").mkdir(exist_ok=True)
    own = text.replace('"2003-2005"', "[2006]")
    (home / "benchmarks" / "own.toml").write_text(own, encoding="utf-8")
    other = own.replace('"own"', '"other"')
    (home / "benchmarks" / "other.toml").write_text(other, encoding="utf-8")


@pytest.fixture
def home(loaded: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(loaded, tmp_path / "home", symlinks=True))


def settings_of(home: Path, benchmark: str = QUESTIONS, **options: object) -> Settings:
    return read_settings(home=home, threads=1, benchmark=benchmark, **options)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the questions fitted so far, by a fit that takes no time and does no work."""
    names: list[str] = []

    def fit_run(registers: Path, settings: Settings, folder: Path) -> None:
        assert registers.exists()
        folder.mkdir()
        names.append(settings.question.name)
        if "stop" in os.environ.get("FIT", "") and settings.question.name == "other":
            raise KeyboardInterrupt
        (folder / fits.STARTED).write_text("2026-11-28T01:00:00+00:00")
        (folder / "benchmark.parquet").write_bytes(b"rows")

    monkeypatch.setattr(fits, "fit_run", fit_run)
    monkeypatch.setattr(apart, "at_once", lambda *_: 1)
    return names


def test_a_fit_is_made_once_and_staged_each_time(home: Path, made: list[str]) -> None:
    for status in (PUBLISHED, BACKFILLED):
        apart.fitted_at_once(steps.runs_to_fit(settings_of(home)))
        folder = steps.stage(settings_of(home), status)
        assert made == ["own", "other"]
        assert [one.name for one in steps.staged_runs(home)] == ["01", "02"]
        assert {one.read_text() for one in folder.glob("*/status")} == {status}
    assert (home / "fits").stat().st_mode & 0o077 == 0
    steps.fit(settings_of(home), full=True)
    assert made == ["own", "other"] * 2
    # What is added to what is staged is not of the fit.
    (steps.staged_runs(home)[0] / "recovery.parquet").touch()
    steps.fit(settings_of(home))
    assert made == ["own", "other"] * 2


def test_a_stopped_fit_goes_on_with_what_is_missing(
    home: Path, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIT", "stop")
    with pytest.raises(KeyboardInterrupt):
        steps.fit(settings_of(home))
    assert len(list((home / "fits").iterdir())) == 2  # one whole, one not
    clean_home(home)
    assert [path.name.split("-")[0] for path in (home / "fits").iterdir()] == ["own"]
    monkeypatch.delenv("FIT")
    steps.fit(settings_of(home))
    assert made == ["own", "other", "other"]


def test_a_night_fits_under_the_settings_that_it_loads_under(
    home: Path, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not under those it read, which still know what outcomes the file of the question has."""
    fitting = pytest.importorskip("flows.fitting")
    monkeypatch.setattr(fitting, "done", lambda step, *arguments: step.fn(*arguments))
    read = settings_of(home, "akf_2006_2007", outcomes=("FP",))
    load_extracts(home / "extracts", read.registers_path, settings=thawed(read.frozen()))
    fitting.fit_all(read.frozen())
    assert made == ["akf_2006_2007"]


def changed_seed(home: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    return settings_of(home, "own", seed=2)


def changed_level(home: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    return settings_of(home, "own", level=0.9)


def with_prices(home: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    (home / "benefit_price.csv").write_text("group;price\n")
    return settings_of(home, "own")


def with_attribute(home: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    (home / "municipal_attribute.csv").write_text("municipality_code;rural\n")
    return settings_of(home, "own")


def with_initiative(home: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    (home / "initiatives").mkdir()
    (home / "initiatives" / "one.toml").write_text("title = 1\n")
    return settings_of(home, "own")


def of_other_code(home: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(fits, "code_fingerprint", lambda: "another")
    return settings_of(home, "own")


def with_more_grants(home: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    people = ExtractsFolder(first_week_year=2000).with_background(n=41)
    people.write(home / "more")
    settings = settings_of(home)
    load_extracts(home / "more", settings.registers_path, settings=settings)
    return settings_of(home, "own")


def damaged(home: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    (table,) = (home / "fits").glob("own-*/benchmark.parquet")
    table.write_bytes(b"")  # as a power cut leaves it
    return settings_of(home, "own")


@pytest.mark.parametrize(
    "change",
    [
        *(changed_seed, changed_level, with_prices, with_attribute, with_initiative),
        *(of_other_code, with_more_grants, damaged),
    ],
)
def test_a_fit_is_made_anew_where_what_decides_it_changed(
    home: Path,
    made: list[str],
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path, pytest.MonkeyPatch], Settings],
) -> None:
    steps.fit(settings_of(home, "own"))
    steps.fit(settings_of(home, "own", workers=7, memory_limit="2GB"))
    assert made == ["own"]
    steps.fit(change(home, monkeypatch))
    assert made == ["own", "own"]


def test_fits_of_an_earlier_delivery_go(
    home: Path, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    steps.fit(settings_of(home))
    settings = with_more_grants(home, monkeypatch)
    steps.fit(settings)
    assert [path.name for path in (home / "fits").iterdir()] == [fits.folder_of(settings).name]


def test_what_is_staged_has_the_settings_of_now_that_change_no_number(
    home: Path, made: list[str]
) -> None:
    steps.fit(settings_of(home, "own", releases_kept=5))
    folder = steps.fit(settings_of(home, "own", releases_kept=9))
    assert made == ["own"]
    assert fits.frozen_of(folder / "01")["settings"]["releases_kept"] == 9


def test_code_replaced_since_the_fit_is_told(
    home: Path, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    apart.fitted_at_once(settings_of(home).runs())
    monkeypatch.setattr(fits, "code_fingerprint", lambda: "another")
    with pytest.raises(StorageError, match=r"fits/own-2006-\w+-\w+ does not exist: what decides"):
        steps.stage(settings_of(home))


def test_only_the_newest_fits_stay(
    home: Path, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fits, "KEPT", 3)
    for seed in range(1, 6):
        steps.fit(settings_of(home, "own", seed=seed))
        os.utime(fits.folder_of(settings_of(home, "own", seed=seed)), (seed, seed))
    steps.fit(settings_of(home, "own", seed=1))
    assert len(list((home / "fits").iterdir())) == 3
    for seed in (5, 4, 1):
        steps.fit(settings_of(home, "own", seed=seed))
    assert len(made) == 6  # the sixth is seed 1, whose first fit was let go


@pytest.mark.parametrize(
    ("workers", "limit", "gigabytes", "n"),
    [(2, "4GB", 24, 2), (8, "4GB", 24, 5), (8, "4GB", 8, 1), (8, "4GB", 2, 1), (8, "1GB", 64, 6)],
)
def test_as_many_fits_at_once_as_memory_holds(
    monkeypatch: pytest.MonkeyPatch, workers: int, limit: str, gigabytes: int, n: int
) -> None:
    monkeypatch.setattr(apart, "memory_bytes", lambda: gigabytes * 10**9)
    assert apart.at_once(read_settings(workers=workers, memory_limit=limit), 6) == n


def test_a_container_has_the_memory_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_CONTAINER", tmp_path / "memory.max")
    physical = memory.memory_bytes()
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.memory_bytes() == physical > 10**8
    (tmp_path / "memory.max").write_text("100000000\n")
    assert memory.memory_bytes() == 10**8


def test_what_a_fit_of_another_process_says_and_raises_is_heard_here(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Forty people with one grant have no benchmark: the same message as in this process."""
    (own, _) = settings_of(home).runs()
    raised = []
    for fit in (fits.fitted, apart.fitted_apart):
        caplog.clear()
        with (
            caplog.at_level(logging.INFO, logger="tildeling"),
            pytest.raises(ModelError) as error,
        ):
            fit(own)
        raised.append((error.value.message, caplog.messages))
    assert raised[0] == raised[1]
    assert raised[0][1][0].startswith("fit: own 2006: ")


@pytest.fixture
def program(home: Path, tmp_path: Path) -> Callable[[str], subprocess.Popen[str]]:
    """Return what starts the program with the name of how long its fits take."""
    script = tmp_path / "program.py"
    script.write_text(PROGRAM, encoding="utf-8")

    def start(how_long: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(script), str(home), how_long],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    return start


def test_fits_are_made_at_once(home: Path, program: Callable[[str], subprocess.Popen[str]]) -> None:
    """Each waits until the other has begun."""
    out, err = program("while alone").communicate(timeout=120)
    assert out.split() == [str(home / "own"), str(home / "other")], err
    assert sorted(err.splitlines()) == ["other is at work", "own is at work"]


def at_work(home: Path) -> list[int]:
    """Return the processes of both fits, when both have begun."""
    until = time.monotonic() + 60
    while len(begun := list(home.glob("begun_*"))) < 2:
        assert time.monotonic() < until
        time.sleep(0.05)
    return [int(path.read_text()) for path in begun]


def wait_for_end(processes: list[int]) -> None:
    """Wait until none of ``processes`` is running; they were to run for ever."""
    until = time.monotonic() + 20
    while any(is_running(pid) for pid in processes):
        assert time.monotonic() < until
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_fit_outlives_who_asked_for_it(
    home: Path, program: Callable[[str], subprocess.Popen[str]], number: signal.Signals
) -> None:
    asking = program("ever")
    processes = at_work(home)
    asking.send_signal(number)
    asking.communicate(timeout=20)
    assert asking.returncode != 0
    wait_for_end(processes)


def test_a_fit_that_dies_is_told_and_the_other_ends(
    home: Path, program: Callable[[str], subprocess.Popen[str]]
) -> None:
    asking = program("ever")
    for pid in at_work(home):
        os.kill(pid, signal.SIGKILL)
    _, err = asking.communicate(timeout=20)
    assert asking.returncode == 1
    assert "the fit of own ended without a word (exit code -9)" in err
    assert "Next: mostly memory ran out" in err


def test_the_command_fits_anew_when_it_is_told_to(
    home: Path, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Released:
        path = home

    monkeypatch.setattr(steps, "publish", lambda settings: Released)
    for option, n in (((), 1), ((), 1), (("--full",), 2)):
        assert main(["fit", "--home", str(home), "--benchmark", "own", *option]) == 0
        assert made == ["own"] * n
