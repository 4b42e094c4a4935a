"""What a load and `check` say of values: who matches nobody, what was mended, what was kept out."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from extracts_fixture import ExtractsFolder
from sas_writer import write_sas

from pipeline.errors import CheckError
from pipeline.settings import Settings, read_settings
from pipeline.warehouse.marts.inspection import inspect_extracts
from pipeline.warehouse.marts.load import load_extracts


@pytest.fixture
def extracts(tmp_path: Path) -> Path:
    return ExtractsFolder().with_background(n=30).write(tmp_path / "extracts")


def changed(path: Path, column: str, change: Callable[[list], list]) -> None:
    """Change a column of a Parquet file, whatever type it becomes."""
    table = pq.read_table(path)
    values = pa.array(change(table[column].to_pylist()))
    pq.write_table(table.set_column(table.column_names.index(column), column, values), path)


def quality(settings: Settings) -> dict[tuple[str, str], tuple[str, int, str]]:
    with duckdb.connect(str(settings.registers_path), read_only=True) as connection:
        rows = connection.execute(
            'SELECT register, "check", status, n_failing, detail FROM meta.data_quality'
        ).fetchall()
    return {(register, check): (status, n, detail) for register, check, status, n, detail in rows}


@pytest.mark.parametrize("name", ["lmdb_2005", "bef_2006"])
def test_a_register_under_another_key_stops_the_load(
    extracts: Path, tmp_path: Path, name: str
) -> None:
    changed(extracts / f"{name}.parquet", "PNR", lambda persons: [f"X{p}" for p in persons])
    settings = read_settings(home=tmp_path, threads=1)
    with pytest.raises(CheckError) as caught:
        load_extracts(extracts, settings.registers_path, settings=settings)
    register = name.removesuffix("_2005").removesuffix("_2006")
    assert "persons_in_population: " in str(caught.value)
    assert f"e.g. {register} 200" in str(caught.value)


def test_a_register_under_another_key_is_a_warning_where_that_is_allowed(
    extracts: Path, tmp_path: Path
) -> None:
    changed(extracts / "lmdb_2005.parquet", "PNR", lambda persons: [f"X{p}" for p in persons])
    settings = read_settings(home=tmp_path, threads=1, min_match_share=0)
    load_extracts(extracts, settings.registers_path, settings=settings)
    checks = quality(settings)
    assert checks["core.population_match", "persons_mostly_in_population"][:2] == ("warn", 1)
    assert checks["core.population_match", "persons_in_population"][0] == "ok"
    with duckdb.connect(str(settings.registers_path), read_only=True) as connection:
        rows = connection.execute(
            "SELECT register, year, n_rows, n_matched FROM core.population_match ORDER BY ALL"
        ).fetchall()
    assert ("lmdb", 2005, 30, 0) in rows
    assert ("sssy", 2005, 30, 30) in rows
    assert ("bef", 2005, 30, 30) in rows
    assert ("dream", 2005, 30, 30) in rows


def test_what_is_read_otherwise_than_it_stands_is_counted(extracts: Path, tmp_path: Path) -> None:
    changed(extracts / "sssy_2005.parquet", "HONUGE", lambda weeks: [int(week) for week in weeks])
    lmdb = pd.read_parquet(extracts / "lmdb_2005.parquet")
    (extracts / "lmdb_2005.parquet").unlink()
    write_sas(
        extracts / "lmdb_2005.sas7bdat",
        pd.concat([lmdb.head(2), lmdb]),
        date_format="",
        deleted=(0, 1),
    )
    changed(
        extracts / "lpr_adm_2005.parquet",
        "D_INDDTO",
        lambda days: [pd.Timestamp(day) + pd.Timedelta(hours=13) for day in days],
    )
    settings = read_settings(home=tmp_path, threads=1)
    page = str(inspect_extracts(extracts, settings))
    load_extracts(extracts, settings.registers_path, settings=settings)
    checks = quality(settings)
    expected = {
        ("sssy", "leading_zeros"): ("ok", 30),
        ("lmdb", "dates_without_format"): ("warn", 30),
        ("lmdb", "deleted_rows"): ("ok", 2),
        ("lpr_adm", "time_of_day"): ("ok", 30),
    }
    assert {key: checks[key][:2] for key in expected} == expected
    for key in expected:
        assert checks[key][2] in page
    # What an unchanged file was read like is still told after a load of another.
    changed(extracts / "bef_2005.parquet", "CIVST", lambda codes: ["G" for _ in codes])
    load_extracts(extracts, settings.registers_path, settings=settings)
    assert {key: quality(settings)[key][:2] for key in expected} == expected


def test_a_stop_shows_the_values_and_leaves_the_rows(extracts: Path, tmp_path: Path) -> None:
    changed(extracts / "bef_2005.parquet", "KOM", lambda _: ["999"] * 20 + ["000"] * 9 + ["101"])
    changed(
        extracts / "lmdb_2005.parquet",
        "PNR",
        lambda persons: ["010170-1234"] * 20 + [None] * 5 + persons[25:],
    )
    settings = read_settings(home=tmp_path, threads=1)
    page = str(inspect_extracts(extracts, settings))
    quarantine = tmp_path / "quarantine.csv"
    with pytest.raises(CheckError) as caught:
        load_extracts(extracts, settings.registers_path, settings=settings, quarantine=quarantine)
    message = str(caught.value)
    for text in (page, message):
        assert "'999' (20), '000' (9)" in text
        assert "'999999-9999' (20)" in text
        assert "010170" not in text
    assert "missing (5)" in page
    assert f"The rows kept out are in {quarantine}" in message
    with quarantine.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 29 + 25
    assert quarantine.stat().st_mode & 0o777 == 0o600
    assert "010170-1234" not in quarantine.read_text()
    assert not settings.registers_path.exists()
