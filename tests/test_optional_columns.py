"""A column that a file may lack: its values are missing there, and kept where it is delivered."""

import shutil
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from extracts_fixture import ExtractsFolder
from person_names import names

from pipeline.errors import TildelingError
from pipeline.settings import read_settings
from pipeline.warehouse.marts.load import load_extracts


def test_parents_load_as_pseudonyms_and_may_be_left_out(tmp_path: Path) -> None:
    rows = ExtractsFolder().with_background(n=4)
    rows.resident("Child00001", years=(2006,), MOR_ID="Background001", FAR_ID="NotHere001")
    folder = rows.write(tmp_path / "extracts")
    settings = read_settings(home=tmp_path, threads=1)
    load_extracts(folder, settings.registers_path, settings=settings)
    people = ["Child00001", "NotHere001", *(f"Background{n:03d}" for n in range(4))]
    known = names(tmp_path, people)
    with duckdb.connect(str(tmp_path / "registers.duckdb"), read_only=True) as connection:
        answer = connection.execute(
            "SELECT FILE_YEAR, PNR, MOR_ID, FAR_ID FROM raw.bef ORDER BY ALL"
        ).fetchall()
        bad = connection.execute("SELECT count(*) FROM meta.quarantine").fetchone()
    assert bad == (0,)
    assert {year for year, *_ in answer} == {2005, 2006}
    assert {row[0] for row in answer if row[2:] != (None, None)} == {2006}
    linked = [tuple(known[i] for i in row[1:]) for row in answer if row[2] is not None]
    assert linked == [("Child00001", "Background001", "NotHere001")]


@pytest.mark.parametrize("year", [2004, 2005, 2006])
def test_parents_of_one_year_are_known_whichever_file_has_them(tmp_path: Path, year: int) -> None:
    rows = ExtractsFolder().with_background(n=4)
    rows.resident("Child00001", years=(2005, 2006))
    folder = rows.write(tmp_path / "extracts")
    shutil.copy(folder / "bef_2005.parquet", folder / "bef_2004.parquet")
    residents = pq.read_table(folder / f"bef_{year}.parquet")
    mothers = [
        "NotHere001" if person == "Child00001" else None for person in residents["PNR"].to_pylist()
    ]
    residents = residents.append_column("MOR_ID", pa.array(mothers, pa.string()))
    pq.write_table(residents, folder / f"bef_{year}.parquet")
    settings = read_settings(home=tmp_path, threads=1)
    load_extracts(folder, settings.registers_path, settings=settings)
    known = names(tmp_path, ["Child00001", "NotHere001"])
    with duckdb.connect(str(tmp_path / "registers.duckdb"), read_only=True) as connection:
        answer = connection.execute(
            "SELECT FILE_YEAR, PNR, MOR_ID FROM raw.bef WHERE MOR_ID IS NOT NULL"
        ).fetchall()
        n_rows = connection.execute("SELECT count(*) FROM raw.bef").fetchone()
    assert [(at, known[child], known[mother]) for at, child, mother in answer] == [
        (year, "Child00001", "NotHere001")
    ]
    assert n_rows == (3 * 5,)


def test_the_systematic_education_code_may_stand_alone(tmp_path: Path) -> None:
    rows = ExtractsFolder().with_background(n=4)
    folder = rows.write(tmp_path / "extracts")
    for path in folder.glob("udda_*.csv"):
        persons = pd.read_csv(path)[["PNR"]]
        persons.assign(HFFSP="35202010").to_csv(path, index=False)
    settings = read_settings(home=tmp_path, threads=1)
    load_extracts(folder, settings.registers_path, settings=settings)
    with duckdb.connect(str(tmp_path / "registers.duckdb"), read_only=True) as connection:
        levels = connection.execute("SELECT DISTINCT education FROM core.education").fetchall()
    assert levels == [("vocational",)]


def test_a_file_without_either_education_code_is_refused(tmp_path: Path) -> None:
    folder = ExtractsFolder().with_background(n=4).write(tmp_path / "extracts")
    for path in folder.glob("udda_*.csv"):
        pd.read_csv(path)[["PNR"]].to_csv(path, index=False)
    settings = read_settings(home=tmp_path, threads=1)
    with pytest.raises(TildelingError, match="lacks the column HFAUDD or HFFSP"):
        load_extracts(folder, settings.registers_path, settings=settings)
