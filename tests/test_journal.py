"""The journal of nights, and what ``tildeling status`` makes of it."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from pipeline import journal, runlog
from pipeline.commands.cli import main
from pipeline.errors import PublishError
from pipeline.journal import FOLDER, METRICS, Journal, last_night
from pipeline.night.status import status
from pipeline.warehouse.publication.lock import hold_home, holder


def night(home: Path, error: BaseException | None = None) -> Journal:
    """Return the journal of a night in ``home`` whose second step ends with ``error``."""
    page = Journal(home, "akf_2006_2007")
    with page.step("load") as load:
        load.rows = 3_070_000
    try:
        with page.step("publish"):
            if error is not None:
                raise error
    except PublishError:
        pass
    page.end("benchmark-20261128T010000Z-0123456789ab", error)
    return page


def test_a_night_is_noted_step_by_step(tmp_path: Path) -> None:
    night(tmp_path)
    noted = last_night(tmp_path)
    assert noted is not None
    assert [(step.name, step.state) for step in noted.steps] == [
        ("load", "done"),
        ("publish", "done"),
    ]
    assert noted.exit_code == 0
    assert noted.release == "benchmark-20261128T010000Z-0123456789ab"
    assert all(step.peak_memory_bytes > 1_000_000 for step in noted.steps)
    assert stat.S_IMODE((tmp_path / FOLDER).stat().st_mode) == 0o700


def test_metrics_are_read_by_prometheus_own_parser(tmp_path: Path) -> None:
    night(tmp_path, PublishError("staged"))
    text = (tmp_path / FOLDER / METRICS).read_text()
    samples = {
        (sample.name, sample.labels.get("step")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["tildeling_night_exit_code", None] == PublishError.exit_code
    assert samples["tildeling_step_peak_memory_bytes", "load"] > 1_000_000
    assert ("tildeling_step_processor_seconds", "publish") in samples
    assert samples["tildeling_step_rows", "load"] == 3_070_000
    assert ("tildeling_step_rows", "publish") not in samples
    assert "3,070,000 rows" in str(status(tmp_path))


def test_a_night_that_was_killed_is_told_with_its_step(tmp_path: Path) -> None:
    page = Journal(tmp_path, "akf_2006_2007")
    step = page.step("fit")
    step.__enter__()
    # Nobody holds the home: the process is gone, and with it the lock.
    told = str(status(tmp_path))
    assert "was killed in: fit" in told
    with hold_home(tmp_path):
        assert holder(tmp_path) is not None
        assert "runs since" in str(status(tmp_path))
    assert holder(tmp_path) is None


def test_a_night_that_was_stopped_is_no_defect(tmp_path: Path) -> None:
    page = Journal(tmp_path, "akf_2006_2007")
    with pytest.raises(KeyboardInterrupt), page.step("fit"):
        raise KeyboardInterrupt
    page.end(None, KeyboardInterrupt())
    assert last_night(tmp_path).exit_code == 130
    told = str(status(tmp_path))
    assert "was stopped" in told
    assert "in: fit; the next night goes on from there" in told


def test_a_lock_of_a_process_that_is_gone_is_not_asked_for(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    (tmp_path / ".lock").write_text(
        json.dumps({"process": child, "host": os.uname().nodename, "since": "2026-01-01"})
    )
    assert holder(tmp_path) is None


def test_why_a_night_failed_and_what_is_staged_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    night(tmp_path, PublishError("the new release is staged and was not published"))
    (tmp_path / "unpublished" / "01").mkdir(parents=True)
    (tmp_path / "unpublished" / "01" / "started_at").write_text("2026-11-28T01:00:00+00:00")
    assert main(["status", "--home", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "exit code 13: the new release is staged" in told
    assert "results of 2026-11-28 01:00 UTC" in told
    assert "none published yet" in told


def test_what_ended_a_step_is_told_where_the_disk_takes_no_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Journal(tmp_path, "b")

    def full(path: Path, text: str) -> None:
        raise OSError(28, "No space left on device")

    def publish() -> None:
        with page.step("publish"):
            monkeypatch.setattr(journal, "_replace", full)
            raise PublishError("staged")

    with pytest.raises(PublishError, match="staged"):
        publish()


def test_a_defect_is_noted_as_such(tmp_path: Path) -> None:
    Journal(tmp_path, "b").end(None, KeyError("x"))
    noted = last_night(tmp_path)
    assert noted is not None
    assert (noted.exit_code, noted.message) == (70, "KeyError: 'x'")


def test_a_damaged_page_is_passed_over_and_old_ones_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "NIGHTS_KEPT", 3)
    for _ in range(5):
        night(tmp_path)
    pages = sorted((tmp_path / FOLDER).glob("night-*.json"))
    assert len(pages) == 3
    pages[-1].write_text("{")
    noted = last_night(tmp_path)
    assert noted is not None
    assert noted.exit_code == 0


def test_a_home_that_is_not_there_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status", "--home", str(tmp_path / "none")]) == 14
    assert "is no folder" in capsys.readouterr().err


def test_logs_do_not_grow_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runlog, "LOGS_KEPT", 3)
    (tmp_path / "logs").mkdir()
    for name in ("nightly", "backfill"):
        for day in range(5):
            (tmp_path / "logs" / f"{name}-2020010{day}T000000Z.log").touch()
    with runlog.log_to_file(tmp_path, "nightly") as now:
        pass
    kept = sorted(path.name for path in (tmp_path / "logs").glob("nightly-*"))
    assert kept == ["nightly-20200103T000000Z.log", "nightly-20200104T000000Z.log", now.name]
    assert len(list((tmp_path / "logs").glob("backfill-*"))) == 5
