"""Which years a window needs, and that a missing one is named, per register."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest
from extracts_fixture import REGISTER, ExtractsFolder

from pipeline.handbook import years
from pipeline.registers.coverage import needed_years, spans
from pipeline.settings import read_settings
from pipeline.warehouse.database.sqlfiles import SQL_FOLDER
from pipeline.warehouse.marts.build import set_variables
from pipeline.warehouse.marts.inspection import inspect_extracts

CHECK, GAP, YEAR = (
    (SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    for name in ("checks/lookback_covered", "checks/lookback_without_gap", "core/register_year")
)
YEARS = range(1996, 2008)


@pytest.mark.parametrize(
    ("register", "window", "expected"),
    [
        ("dream", (2006, 2007), "1996-2006"),
        ("lpr_diag", (2006, 2007), "2001-2006"),
        ("lmdb", (2006, 2007), "2005-2006"),
        ("sysi", (2005,), "2004"),
        ("sysi", (2006,), ""),
        ("sssy", (2005, 2006), "2005"),
        ("psyk_diag", (2021,), "2016-2018"),
        ("lpr3_diagnoser", (2021,), "2019-2020"),
        ("bef", (2006, 2009), "2005, 2008"),
        ("ankestyrelsen", (2006, 2007), "2006-2007"),
        ("ind", (2006,), ""),
    ],
)
def test_needed_years_follow_from_the_declaration(
    register: str, window: tuple[int, ...], expected: str
) -> None:
    needed = needed_years(REGISTER[register], window, tenure_years=10, health_years=5)
    assert spans(needed) == expected


@pytest.fixture
def core() -> Iterator[duckdb.DuckDBPyConnection]:
    """Core tables in which every register has ten records in every year."""
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA core")
        set_variables(connection, read_settings())
        connection.execute("CREATE TABLE core.week (iso_year INTEGER)")
        connection.execute(
            "CREATE TABLE core.hospital_diagnosis"
            " (source_register VARCHAR, is_psychiatric BOOLEAN, contact_date DATE)"
        )
        connection.execute("CREATE TABLE core.prescription (dispensed_date DATE)")
        connection.execute("CREATE TABLE core.primary_care_contact (iso_year INTEGER)")
        for year in [year for year in YEARS for _ in range(10)]:
            day = date(year, 6, 1)
            connection.execute("INSERT INTO core.week VALUES (?)", [year])
            for source in ("lpr", "psyk"):
                connection.execute(
                    "INSERT INTO core.hospital_diagnosis VALUES (?, ?, ?)",
                    [source, source == "psyk", day],
                )
            connection.execute("INSERT INTO core.prescription VALUES (?)", [day])
            connection.execute("INSERT INTO core.primary_care_contact VALUES (?)", [year])
        yield connection


def missing(core: duckdb.DuckDBPyConnection, check: str = CHECK) -> list[tuple]:
    core.execute("DROP TABLE IF EXISTS core.register_year")
    core.execute(YEAR)
    return [row[:2] for row in core.execute(check).fetchall()]


def test_nothing_is_missing_where_every_year_has_records(core: duckdb.DuckDBPyConnection) -> None:
    assert missing(core) == []


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        ("core.hospital_diagnosis WHERE source_register = 'lpr' AND year(contact_date) = 2004",
         ("lpr_diag", 2004)),
        ("core.hospital_diagnosis WHERE is_psychiatric AND year(contact_date) = 2001",
         ("psyk_diag", 2001)),
        ("core.prescription WHERE year(dispensed_date) = 2005", ("lmdb", 2005)),
        ("core.primary_care_contact WHERE iso_year = 2006", ("sssy", 2006)),
        ("core.week WHERE iso_year = 1999", ("dream", 1999)),
    ],
)  # fmt: skip
def test_a_year_of_one_register_is_not_covered_by_another(
    core: duckdb.DuckDBPyConnection, damage: str, expected: tuple
) -> None:
    core.execute(f"DELETE FROM {damage}")
    assert missing(core) == [expected]


def test_a_gap_behind_earlier_years_stops_and_a_later_beginning_warns(
    core: duckdb.DuckDBPyConnection,
) -> None:
    """A file of a year between others was not delivered; a history may be short."""
    for _ in range(4):
        core.execute("INSERT INTO core.prescription FROM core.prescription")
        core.execute("INSERT INTO core.week FROM core.week")
    assert missing(core, GAP) == []
    core.execute("DELETE FROM core.prescription WHERE year(dispensed_date) = 2006")
    core.execute("DELETE FROM core.week WHERE iso_year < 2001")
    assert missing(core, GAP) == [("lmdb", 2006)]
    assert missing(core) == [*(("dream", year) for year in range(1996, 2001)), ("lmdb", 2006)]


def test_a_gap_of_a_few_records_says_nothing(core: duckdb.DuckDBPyConnection) -> None:
    core.execute("DELETE FROM core.prescription WHERE year(dispensed_date) = 2006")
    assert missing(core, GAP) == []


def test_a_year_with_hardly_a_record_is_missing(core: duckdb.DuckDBPyConnection) -> None:
    core.execute("INSERT INTO core.prescription SELECT DATE '2006-01-01' FROM range(300)")
    core.execute("DELETE FROM core.prescription WHERE year(dispensed_date) = 2005")
    core.execute("INSERT INTO core.prescription VALUES (DATE '2005-02-02')")
    assert missing(core) == [("lmdb", 2005)]


def test_years_outside_the_window_are_no_matter(core: duckdb.DuckDBPyConnection) -> None:
    core.execute("DELETE FROM core.prescription WHERE year(dispensed_date) NOT IN (2005, 2006)")
    core.execute("DELETE FROM core.week WHERE iso_year = 2007")
    assert missing(core) == []


def test_lpr3_stands_for_lpr2_only_where_that_is_not_delivered(
    core: duckdb.DuckDBPyConnection,
) -> None:
    core.execute("UPDATE core.hospital_diagnosis SET source_register = 'lpr3'")
    assert missing(core) == []
    core.execute("DELETE FROM core.hospital_diagnosis WHERE NOT is_psychiatric")
    assert missing(core) == [("lpr_diag", year) for year in range(2001, 2007)]


def test_the_check_says_which_years_no_file_is_named_for(tmp_path: Path) -> None:
    folder = ExtractsFolder().with_background(n=4).write(tmp_path / "extracts")
    page = str(inspect_extracts(folder, read_settings(threads=1)))
    said = page.partition("no file is named for\n")[2].partition("\n\n")[0].splitlines()
    assert "  dream: 1996-2004" in said
    assert "  lpr_diag: 2001-2004, 2006" in said
    assert "  lmdb: 2006" in said
    assert not any("bef" in line or "sysi" in line for line in said)


def test_the_page_of_years_is_as_the_declarations_make_it() -> None:
    page = Path(__file__).parent.parent / "docs" / years.FILE
    assert page.read_text(encoding="utf-8") == years.markdown()
