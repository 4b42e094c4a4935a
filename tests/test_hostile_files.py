"""Every kind of damage in hostile_files.py ends as promised, and the page says so."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from extracts_fixture import REGISTER, ExtractsFolder
from hostile_files import ACCEPTED, KINDS, QUARANTINES, STOPS, WARNINGS, Kind, page

from pipeline.errors import ExtractError
from pipeline.settings import read_settings
from pipeline.warehouse.database.connection import quote_identifier
from pipeline.warehouse.database.sqlfiles import read_folder, run_sql_files
from pipeline.warehouse.delivery.extracts import scan_extracts
from pipeline.warehouse.marts.build import build_codes
from pipeline.warehouse.marts.load import load_extracts
from pipeline.warehouse.raw.pseudonymkey import PseudonymKey
from pipeline.warehouse.raw.pseudonyms import pseudonymising
from pipeline.warehouse.raw.registerload import LoadedFile, load_register

#: The loaded rows of each register's undamaged files, once they were asked for.
UNDAMAGED: dict[str, list[tuple]] = {}
PAGE = Path(__file__).parent.parent / "docs" / "hostile_files.md"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of twelve ordinary persons' undamaged files."""
    return ExtractsFolder().with_background(n=12).write(tmp_path_factory.mktemp("sound"))


@pytest.fixture(scope="module")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse with code lists and nothing loaded."""
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA raw")
        build_codes(connection)
        run_sql_files(connection, read_folder("meta"))
        with pseudonymising(connection, PseudonymKey(b"a key that is only for tests")):
            yield connection


def loaded(
    warehouse: duckdb.DuckDBPyConnection, folder: Path, workspace: Path, register: str
) -> list[LoadedFile]:
    """Return what became of the register's files; its rows are in the warehouse then."""
    declared = REGISTER[register]
    workspace.mkdir()
    delivery = scan_extracts(
        folder, years_at_risk=(2006, 2007), registers=(declared,), workspace=workspace
    )
    return load_register(warehouse, declared, delivery.files[register])


def values(warehouse: duckdb.DuckDBPyConnection, register: str) -> list[tuple]:
    """Return the register's loaded rows, without where each was."""
    declared = REGISTER[register]
    names = [quote_identifier(column.name) for column in declared.columns]
    if declared.has_file_year:
        names.append("FILE_YEAR")
    run = f" UNION ALL BY NAME SELECT * FROM {declared.table}_run" if declared.weeks else ""
    columns = "*" if run else ", ".join(names)
    return warehouse.execute(f"SELECT {columns} FROM {declared.table}{run} ORDER BY ALL").fetchall()


def damaged(kind: Kind, sound: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "extracts"
    folder.mkdir()
    for path in sound.glob(f"{kind.register}*"):
        shutil.copy(path, folder)
    kind.damage(folder)
    return folder


def named(kinds: list[Kind]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("kind", kinds, ids=lambda kind: kind.name)


@named(STOPS)
def test_structural_damage_stops_with_its_fault(
    kind: Kind, warehouse: duckdb.DuckDBPyConnection, sound: Path, tmp_path: Path
) -> None:
    folder = damaged(kind, sound, tmp_path)
    with pytest.raises(ExtractError) as caught:
        loaded(warehouse, folder, tmp_path / "staged", kind.register)
    assert kind.expected in str(caught.value)
    assert re.match(r"[12] structural faults? in the extracts", str(caught.value))
    assert "Background" not in str(caught.value)


@named(QUARANTINES)
def test_a_bad_row_is_kept_out_and_the_rest_loads(
    kind: Kind, warehouse: duckdb.DuckDBPyConnection, sound: Path, tmp_path: Path
) -> None:
    folder = damaged(kind, sound, tmp_path)
    files = loaded(warehouse, folder, tmp_path / "staged", kind.register)
    kept_out = warehouse.execute(
        'SELECT "check", file, row_number, original FROM meta.quarantine WHERE register = ?',
        [kind.register],
    ).fetchall()
    assert [row[0] for row in kept_out] == [kind.expected]
    assert sum(file.n_quarantined for file in files) == 1
    assert all(file.n_read == file.n_loaded + file.n_quarantined for file in files)
    assert len(kept_out[0][3]) > 10
    n_loaded = warehouse.execute(f"SELECT count(*) FROM raw.{kind.register}").fetchone()
    assert n_loaded == (sum(file.n_loaded for file in files),)


@named(ACCEPTED)
def test_a_file_in_another_form_loads_with_the_same_values(
    kind: Kind, warehouse: duckdb.DuckDBPyConnection, sound: Path, tmp_path: Path
) -> None:
    if kind.register not in UNDAMAGED:
        loaded(warehouse, sound, tmp_path / "sound", kind.register)
        UNDAMAGED[kind.register] = values(warehouse, kind.register)
    expected = UNDAMAGED[kind.register]
    folder = damaged(kind, sound, tmp_path)
    before = {path.name: path.read_bytes() for path in sound.glob(f"{kind.register}*")}
    after = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert before != after or (folder / "old").exists()
    files = loaded(warehouse, folder, tmp_path / "staged", kind.register)
    assert sum(file.n_quarantined for file in files) == 0
    assert values(warehouse, kind.register) == expected
    assert len(expected) >= 12


@pytest.fixture(scope="module")
def warnings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The status of every check by name, after a load of all the damage that only warns."""
    home = tmp_path_factory.mktemp("warnings")
    folder = ExtractsFolder().with_background(n=12)
    folder.decided("NotAResident", "FP", "2004-04-04", applied="2004-01-01")
    folder.resident("DecidedEarly")
    folder.decided("DecidedEarly", "FJ", "2006-04-04", applied="2006-05-05")
    folder.resident("NeverGranted")
    folder.on_benefit("NeverGranted", "783", "0630", 5)
    folder.on_benefit("Background003", "810", "0552", 3)
    folder.on_benefit("Background004", "555", "0552", 2)
    folder.write(home / "extracts")
    for name in ("lpr_adm_2005", "psyk_adm_2005"):
        contacts = pq.read_table(home / "extracts" / f"{name}.parquet")
        pq.write_table(contacts.slice(1), home / "extracts" / f"{name}.parquet")
    weeks = pq.read_table(home / "extracts" / "dream.parquet")
    pq.write_table(weeks.drop_columns(["y_0533"]), home / "extracts" / "dream.parquet")
    (home / "extracts" / "readme.txt").write_text("see the letter")
    settings = read_settings(home=home, threads=1, max_unknown_week_share=1)
    load_extracts(home / "extracts", settings.registers_path, settings=settings)
    with duckdb.connect(str(settings.registers_path), read_only=True) as connection:
        return dict(
            connection.execute(
                "SELECT \"check\", status FROM meta.data_quality WHERE severity = 'warn'"
                " ORDER BY status"
            ).fetchall()
        )


@named(WARNINGS)
def test_what_only_core_can_see_warns(kind: Kind, warnings: dict[str, str]) -> None:
    assert warnings[kind.expected] == "warn"


def test_there_are_at_least_sixty_kinds_and_each_is_named_once() -> None:
    names = [kind.name for kind in KINDS]
    assert len(names) == len(set(names)) >= 60
    assert all(kind.expected for kind in KINDS if kind.outcome != "accepted")


def test_the_page_is_as_the_table_makes_it() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()
