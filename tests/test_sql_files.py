"""SQL files: headers are true, comments are complete, the linter is content."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from extracts_fixture import ExtractsFolder
from numpy.random import Generator

from pipeline.benchmarks.declaration import ORDINARY
from pipeline.registers import REGISTERS
from pipeline.settings import read_settings
from pipeline.warehouse.database.sqlfiles import (
    SqlFile,
    in_build_order,
    read_folder,
    read_sql_file,
)
from pipeline.warehouse.marts.build import set_variables
from pipeline.warehouse.marts.load import load_extracts

BUILT = [*read_folder("core"), *read_folder("mart")]
CHECKS = read_folder("checks")
GROUPED = [file for file in BUILT if file.follows == ("grouping",)]
FOLLOWING = [file for file in BUILT if file.follows and file not in GROUPED]
#: How often the rows under a key that follows are drawn.
N_DRAWS = 10
READING = [file for file in [*BUILT, *CHECKS] if file.reads]


@pytest.fixture(scope="module")
def registers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("sql")
    ExtractsFolder().with_background(n=3).write(home / "extracts")
    load_extracts(home / "extracts", home / "registers.duckdb", settings=read_settings(home=home))
    return home / "registers.duckdb"


@pytest.fixture(scope="module")
def run(registers: Path) -> Iterator[Callable[..., None]]:
    """Yield what runs a file where nothing exists but empty tables for what it says it reads.

    And not even the table ``without``. What there is for a file stays until another one is run.
    """
    there: list[SqlFile] = []

    def make_for(file: SqlFile) -> None:
        connection.execute(f"ATTACH '{registers}' AS built (READ_ONLY)")
        for schema in ("raw", "codes", "core", "mart", "meta"):
            connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}")
        for name in file.reads:
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM built.{name} LIMIT 0")
        connection.execute("DETACH built")
        there[:] = [file]

    def run_file(file: SqlFile, without: str | None = None) -> None:
        if there != [file]:
            make_for(file)
        connection.begin()
        try:
            if without is not None:
                connection.execute(f"DROP TABLE {without}")
            connection.execute(file.text)
        finally:
            connection.rollback()

    with duckdb.connect() as connection:
        set_variables(connection, read_settings())
        yield run_file


@pytest.mark.parametrize("file", READING, ids=lambda file: file.object)
def test_a_file_needs_no_more_than_it_says_it_reads(
    run: Callable[..., None], file: SqlFile
) -> None:
    run(file)


@pytest.mark.parametrize(
    ("file", "dropped"),
    [(file, name) for file in READING for name in file.reads],
    ids=lambda value: value if isinstance(value, str) else value.object,
)
def test_a_file_needs_all_it_says_it_reads(
    run: Callable[..., None], file: SqlFile, dropped: str
) -> None:
    with pytest.raises(duckdb.Error, match=dropped.split(".")[1]):
        run(file, without=dropped)


def test_the_key_of_a_header_is_in_its_table(registers: Path) -> None:
    with duckdb.connect(str(registers), read_only=True) as connection:
        for file in BUILT:
            columns = connection.execute(f"DESCRIBE {file.object}").fetchall()
            assert set(file.key) <= {column[0] for column in columns}, file.object


@pytest.mark.parametrize("file", GROUPED, ids=lambda file: file.object)
def test_a_key_of_a_grouping_is_what_rows_are_grouped_by(file: SqlFile) -> None:
    query = file.text.partition("COMMENT ON")[0].strip()
    (columns,) = re.findall(r"\nGROUP BY (.*);$", query)
    assert {column.partition(".")[2] for column in columns.split(", ")} == set(file.key)


@pytest.mark.parametrize("file", FOLLOWING, ids=lambda file: file.object)
def test_a_key_that_follows_needs_the_keys_of_the_tables_named_and_no_more(
    registers: Path, file: SqlFile
) -> None:
    """Of any rows that keep those keys; and not of rows that do not, or nothing was shown."""
    assert set(file.follows) <= set(file.reads)
    assert _repeated_keys(registers, file, set(file.follows)) == [0] * N_DRAWS
    for name in filter(_is_drawn, file.follows):
        assert max(_repeated_keys(registers, file, {*file.follows} - {name})) > 0, name


def _repeated_keys(registers: Path, file: SqlFile, keyed: Collection[str]) -> list[int]:
    """Return how many keys repeat in ``file`` over each of several draws of what it reads.

    The tables ``keyed`` have their keys once each, others repeat as they are drawn. Code lists, and
    what is made of them alone, are as they ship.
    """
    keys = {one.object: one.key for one in BUILT}
    keys |= {register.table: register.key for register in REGISTERS if register.key}
    drawing = np.random.default_rng(1)
    repeats = []
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{registers}' AS built (READ_ONLY)")
        for schema in ("raw", "codes", "core", "mart"):
            connection.execute(f"CREATE SCHEMA {schema}")
        set_variables(connection, read_settings())
        for _ in range(N_DRAWS):
            for name in file.reads:
                connection.execute(f"CREATE OR REPLACE TABLE {name} AS FROM built.{name}")
                if not _is_drawn(name):
                    continue
                connection.register("drawn_row", _draw(connection, name, drawing))
                kept = f"DISTINCT ON ({', '.join(keys[name])}) *" if name in keyed else "*"
                connection.execute(f"TRUNCATE {name}")
                connection.execute(f"INSERT INTO {name} SELECT {kept} FROM drawn_row")
            connection.begin()
            connection.execute(file.text)
            columns = ", ".join(file.key)
            n, n_keys = connection.execute(
                f"SELECT count(*), count(DISTINCT ({columns})) FROM {file.object}"
            ).fetchone()
            connection.rollback()
            assert n > 3
            repeats.append(n - n_keys)
    return repeats


def _is_drawn(name: str) -> bool:
    return name.startswith(("raw.", "mart.")) or name in _OF_PERSONS


#: What is made of rows of persons in core.
_OF_PERSONS = ("core.split_residence", "core.person_snapshot")
#: Where a column's values are drawn from, for values that must meet those of another table.
_PARTS = "FROM built.core.merged_part WHERE municipality_code = '250'"
_DRAWN = {
    "age_years": "SELECT unnest([17, 30, 50, 64])",
    "municipality_code": f"SELECT DISTINCT municipality_code {_PARTS}",
    "register_municipality_code": f"SELECT former_municipality_code {_PARTS}",
    "outcome": "SELECT outcome FROM built.codes.outcome",
    "KOM": "SELECT register_code FROM built.core.municipality_successor",
    "register_code": "SELECT register_code FROM built.core.municipality_successor WHERE is_split",
}


def _draw(connection: duckdb.DuckDBPyConnection, name: str, drawing: Generator) -> pd.DataFrame:
    """Return 200 rows of the table ``name`` of few different values, now and then missing."""
    rows = {}
    for column, kind, *_ in connection.execute(f"DESCRIBE built.{name}").fetchall():
        values = [f"{letter}" for letter in "abcdefgh"]
        if column in _DRAWN:
            values = [value for (value,) in connection.execute(_DRAWN[column]).fetchall()]
        elif kind in ("INTEGER", "BIGINT", "DOUBLE"):
            values = drawing.choice(np.arange(2004, 2009), 4, replace=False).tolist()
        elif kind == "DATE":
            values = list(pd.date_range("2003-01-01", periods=6, freq="200D"))
        elif kind == "BOOLEAN":
            values = [True, False]
        rows[column] = pd.Series(drawing.choice(np.array(values, dtype=object), 200))
        if column in ("MOR_ID", "FAR_ID", "HFFSP"):
            rows[column][drawing.random(200) < 0.2] = None
    return pd.DataFrame(rows)


def test_every_table_and_column_has_a_comment(registers: Path) -> None:
    with duckdb.connect(str(registers), read_only=True) as connection:
        without = connection.execute(
            "SELECT schema_name || '.' || table_name || '.' || column_name FROM duckdb_columns()"
            " WHERE NOT internal AND database_name = current_database()"
            " AND comment IS NULL"
            " UNION ALL SELECT schema_name || '.' || table_name FROM duckdb_tables()"
            " WHERE comment IS NULL AND database_name = current_database()"
            " UNION ALL SELECT schema_name || '.' || view_name FROM duckdb_views()"
            " WHERE NOT internal AND comment IS NULL AND database_name = current_database()"
            " UNION ALL SELECT function_name FROM duckdb_functions()"
            " WHERE schema_name = 'analysis' AND comment IS NULL"
        ).fetchall()
        described = connection.execute(
            "SELECT count(*) FROM duckdb_columns() WHERE schema_name = 'core'"
            " AND table_name IN (SELECT view_name FROM duckdb_views()) AND comment IS NOT NULL"
        ).fetchone()
    assert without == []
    assert described > (20,)  # columns of views are among those that have one


def test_the_mart_has_the_model_s_factors_in_order(registers: Path) -> None:
    factors = list(ORDINARY)
    with duckdb.connect(str(registers), read_only=True) as connection:
        for table, first in (("person_year", 3), ("model_cell", 3), ("grant_cell", 3)):
            columns = [row[0] for row in connection.execute(f"DESCRIBE mart.{table}").fetchall()]
            assert columns[first : first + len(factors)] == factors


def test_checks_state_a_severity_and_read_something() -> None:
    assert {file.severity for file in CHECKS} == {"stop", "warn"}
    assert all(file.reads for file in CHECKS)


def test_files_come_after_what_they_read() -> None:
    ordered = [file.object for file in in_build_order(BUILT)]
    assert sorted(ordered) == sorted(file.object for file in BUILT)
    for file in BUILT:
        for name in set(file.reads) & set(ordered):
            assert ordered.index(name) < ordered.index(file.object)


def test_files_that_read_each_other_are_refused(tmp_path: Path) -> None:
    def make(name: str, reads: str) -> SqlFile:
        path = tmp_path / "core" / f"{name}.sql"
        path.parent.mkdir(exist_ok=True)
        path.write_text(header(object=f"core.{name}", reads=reads) + "\nSELECT 1")
        return read_sql_file(path)

    with pytest.raises(ValueError, match="circle"):
        in_build_order([make("a", "core.b"), make("b", "core.a")])


def header(**changed: str | None) -> str:
    values: dict[str, str | None] = {
        **{"object": "core.thing", "grain": "one row per thing", "key": "a, b"},
        **{"units": "none", "source": "s", "reads": "none", "caveat": "none", **changed},
    }
    return "\n".join(f"-- {key}: {value}" for key, value in values.items() if value is not None)


def write(tmp_path: Path, text: str) -> Path:
    (tmp_path / "core").mkdir()
    path = tmp_path / "core" / "thing.sql"
    path.write_text(text)
    return path


def test_a_header_is_parsed_with_continuations(tmp_path: Path) -> None:
    text = header(reads="raw.x,\n--   raw.y") + "\n\n-- not: header\nSELECT 1"
    file = read_sql_file(write(tmp_path, text))
    assert (file.key, file.reads, file.caveat) == (("a", "b"), ("raw.x", "raw.y"), "none")


def test_all_faults_of_a_header_are_named(tmp_path: Path) -> None:
    path = write(tmp_path, header(grain=None, object="core.other", colour="red", units=""))
    with pytest.raises(ValueError, match="grain") as caught:
        read_sql_file(path)
    for fault in ("core.other", "colour", "units"):
        assert fault in str(caught.value)


@pytest.mark.parametrize("schema", ["codes", "meta", "result"])
def test_headers_of_the_other_folders_parse(schema: str) -> None:
    assert all(file.grain for file in read_folder(schema))
