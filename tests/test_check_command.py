"""`tildeling check`: one page, the exit code a load would have, and nothing written."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from extracts_fixture import ExtractsFolder

from pipeline.commands.cli import main
from pipeline.errors import CheckError, ExtractError
from pipeline.settings import read_settings
from pipeline.warehouse.marts.inspection import Inspection, inspect_extracts
from pipeline.warehouse.marts.load import load_extracts


def change(path: Path, row: int, **columns: object) -> None:
    frame, schema = pd.read_parquet(path), pq.read_schema(path)
    for column, value in columns.items():
        frame.loc[row, column] = value
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False).cast(schema), path)


@pytest.fixture
def extracts(tmp_path: Path) -> Path:
    return ExtractsFolder().with_background(n=20).write(tmp_path / "extracts")


def inspected(extracts: Path) -> Inspection:
    # The ordinary persons have few weeks on a benefit, of which one unknown is a large share.
    return inspect_extracts(extracts, read_settings(threads=1, max_unknown_week_share=1))


def test_a_sound_folder_would_load(
    extracts: Path, tmp_path: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert main(["check", "--extracts", str(extracts)]) == 0
    page = capsys.readouterr().out
    assert "would load: 240 rows read = 240 loaded + 0 failing" in page
    assert "ankestyrelsen       1  2006-2006" in page
    assert "CSV, semicolon, UTF-8" in page
    assert "decisions by case type: FP AFSLAG: 20" in page
    assert "no grant of FJ: the outcome FJ is left out of the benchmark" in page
    assert "not delivered, optional: uddf, ind, akm" in page
    assert "the model with framework conditions" in page
    assert len(page.splitlines()) < 55
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_what_fails_is_what_a_load_puts_in_quarantine(extracts: Path, tmp_path: Path) -> None:
    change(extracts / "bef_2005.parquet", 0, KOM="999")
    change(extracts / "bef_2006.parquet", 3, KOM="998")
    change(extracts / "lpr_adm_2005.parquet", 7, RECNUM="lpr1")
    change(extracts / "dream.parquet", 4, y_0507="555", y_0601="777")
    (extracts / "readme.txt").write_text("see the letter")
    (extracts / "synthetic.json").write_text(json.dumps({"is_synthetic": True}))
    inspection = inspected(extracts)
    assert {(f.register, f.check): (f.n_rows, f.samples) for f in inspection.failing} == {
        ("bef", "kom_code_list"): (2, ("bef_2005.parquet:1", "bef_2006.parquet:4")),
        ("lpr_adm", "key_unique"): (1, ("lpr_adm_2005.parquet:8",)),
    }
    assert inspection.error is None
    page = str(inspection)
    assert page.startswith("SYNTETISKE DATA")
    assert "  dream: 555: 1 weeks of 1 persons" in page
    assert "  dream: 777: 1 weeks of 1 persons" in page
    assert "files of no register, not read: readme.txt" in page
    assert "Background" not in page
    settings = read_settings(home=tmp_path, threads=1, max_unknown_week_share=1)
    summary = load_extracts(extracts, settings.registers_path, settings=settings)
    assert summary.n_quarantined == sum(f.n_rows for f in inspection.failing)


def test_what_would_stop_a_load_gives_its_exit_code(
    extracts: Path, capsys: pytest.CaptureFixture
) -> None:
    (extracts / "sssy_2005.parquet").unlink()
    content = (extracts / "lmdb_2005.parquet").read_bytes()
    (extracts / "lmdb_2005.parquet").write_bytes(content[:8] + b"\xff" * 192 + content[200:])
    inspection = inspected(extracts)
    assert isinstance(inspection.error, ExtractError)
    assert main(["check", "--extracts", str(extracts)]) == ExtractError.exit_code == 10
    said = capsys.readouterr()
    assert "would stop the load (2 structural)" in said.out
    assert "  - sssy: no file; expected sssy[_<year>]" in said.out
    assert "  - lmdb_2005.parquet: cannot be read to the end (damaged inside)" in said.out
    assert "would not load: 2 structural faults" in said.err


def test_too_many_failing_rows_give_the_exit_code_of_a_check(extracts: Path) -> None:
    for row in range(3):
        change(extracts / "lmdb_2005.parquet", row, ATC="?")
    assert isinstance(inspected(extracts).error, CheckError)
    assert "too many failing rows in lmdb" in str(inspected(extracts))
    assert main(["check", "--extracts", str(extracts)]) == CheckError.exit_code == 11


def test_a_missing_folder_is_a_user_error(tmp_path: Path) -> None:
    assert main(["check", "--extracts", str(tmp_path / "missing")]) == 10


def test_too_many_unknown_weeks_are_named_before_the_load(extracts: Path, tmp_path: Path) -> None:
    weeks = {f"y_05{week:02d}": "556" for week in range(1, 53)}
    change(extracts / "dream.parquet", 4, **weeks)
    inspection = inspect_extracts(extracts, read_settings(threads=1, max_unknown_week_share=0.001))
    assert isinstance(inspection.error, CheckError)
    assert "dream in 2005 (" in str(inspection)
    assert "  dream: 556: 52 weeks of 1 persons" in str(inspection)
    settings = read_settings(home=tmp_path, threads=1, max_unknown_week_share=0.001)
    with pytest.raises(CheckError, match="benefit_weeks_known"):
        load_extracts(extracts, settings.registers_path, settings=settings)
