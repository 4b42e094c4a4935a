"""Loading one register: its files into ``raw``, its bad rows into ``meta.quarantine``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipeline.errors import ExtractError
from pipeline.registers import Register
from pipeline.warehouse.database.connection import MEMORY, any_order, connect, quote_identifier
from pipeline.warehouse.delivery.extractfiles import ExtractFile
from pipeline.warehouse.raw.loadnotes import record_notes
from pipeline.warehouse.raw.pseudonyms import delivered, lacking_zeros, learn, named
from pipeline.warehouse.raw.quarantine import (
    begin_bad_rows,
    delete_bad_rows,
    keep_bad_rows,
    note_faults,
    note_repeats,
)
from pipeline.warehouse.raw.rawtables import create_raw_table, raw_tables
from pipeline.warehouse.raw.rowchecks import checks_of, parsed_rows, source_of
from pipeline.warehouse.raw.weekruns import (
    create_run_tables,
    delete_bad_runs,
    insert_runs,
)


@dataclass(frozen=True)
class LoadedFile:
    """What became of one file's rows: ``n_read = n_loaded + n_quarantined``.

    ``is_kept`` when the rows were loaded by an earlier run and stay as they were.
    """

    file: ExtractFile
    n_read: int
    n_loaded: int
    n_quarantined: int
    is_kept: bool = False


def load_register(
    connection: duckdb.DuckDBPyConnection, register: Register, files: Sequence[ExtractFile]
) -> list[LoadedFile]:
    """Return the counts per file after loading ``files`` into ``raw.<register>``.

    Rows of files that were loaded before (without ``parquet``) stay; without any, the table is
    made anew. Rows that fail a check go to ``meta.quarantine`` under the first check they fail: of
    values in column order, then repeats of a key in the order of file name and row. Weeks with a
    code that no list has load as they are. Persons and families are named by pseudonyms; the
    connection must be :func:`~pipeline.warehouse.raw.pseudonyms.pseudonymising`.
    """
    fresh = [file for file in files if file.parquet is not None]
    _make_room(connection, register, [file for file in files if file.parquet is None])
    begin_bad_rows(connection)
    if fresh:
        _load_rows(connection, register, fresh)
    if register.weeks is not None:
        for file in fresh:
            _load_runs(connection, file)
    if register.key and note_repeats(connection, register, fresh):
        delete_bad_rows(connection, register)
    if register.weeks is not None:
        delete_bad_runs(connection, register)
    for file in fresh:
        keep_bad_rows(connection, file)
    counted = _count_rows(connection, register)
    has_short_numbers = bool(fresh) and lacking_zeros(connection, register)
    for file in fresh:
        _record_file(connection, file, counted.get(file.path.name, 0))
        record_notes(connection, file, has_short_numbers=has_short_numbers)
    connection.execute("DROP TABLE bad_row")
    return [count_file(connection, file) for file in files]


def _make_room(
    connection: duckdb.DuckDBPyConnection, register: Register, kept: Sequence[ExtractFile]
) -> None:
    """Remove all rows of the register and what was recorded of them, but those of ``kept``."""
    names = [file.path.name for file in kept]
    for table in ("meta.load_file", "meta.quarantine", "meta.load_note"):
        connection.execute(
            f"DELETE FROM {table} WHERE register = ?"
            " AND NOT list_contains(CAST(? AS VARCHAR[]), file)",
            [register.name, names],
        )
    if names:
        connection.execute(
            f"DELETE FROM {register.table}"
            " WHERE NOT list_contains(CAST(? AS VARCHAR[]), source_file)",
            [names],
        )
        return
    for table in raw_tables(register):
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    create_raw_table(connection, register)


def _load_rows(
    connection: duckdb.DuckDBPyConnection, register: Register, files: Sequence[ExtractFile]
) -> None:
    """Insert the rows that pass every check of values, and note the others in ``bad_row``.

    All files in one statement: the pseudonyms are then joined once.
    """
    columns = [column.name for column in register.columns]
    of_file = ["FILE_YEAR"] if register.has_file_year else []
    of_file += ["source_file", "row_number"]
    parts: list[str] = []
    parameters: list[Any] = []
    for file in files:
        as_delivered = {c.name: delivered(file, c) for c in register.identifiers}
        rows, of_rows = parsed_rows(file, source_of(file), unchecked=as_delivered)
        columns_kept = [f'"value {name}" AS {quote_identifier(name)}' for name in columns]
        if register.has_file_year:
            columns_kept.append("? AS FILE_YEAR")
            parameters.append(file.file_year)
        columns_kept += ["? AS source_file", "row_number"]
        parameters += [file.path.name, *of_rows]
        parts.append(f"SELECT {', '.join(columns_kept)} FROM ({rows}) WHERE fault IS NULL")
    pseudonyms, joins, are_sound = named(register)
    shown = [
        pseudonyms.get(name, f"loaded.{quote_identifier(name)}") for name in (*columns, *of_file)
    ]
    targets = ", ".join(map(quote_identifier, (*columns, *of_file)))
    try:
        learn(connection, files)
        with any_order(connection):
            connection.execute(
                f"INSERT INTO {register.table} ({targets}) SELECT {', '.join(shown)}"
                f" FROM ({' UNION ALL '.join(parts)}) AS loaded{joins} WHERE {are_sound}",
                parameters,
            )
        counted = _count_rows(connection, register)
        for file in files:
            if counted.get(file.path.name, 0) < file.n_rows:
                _note_bad_rows(connection, file)
    except duckdb.Error as error:
        raise _unreadable(files, error) from error


def _note_bad_rows(connection: duckdb.DuckDBPyConnection, file: ExtractFile) -> None:
    """Note the rows of ``file`` that were not loaded in ``bad_row``."""
    rows, parameters = parsed_rows(file, source_of(file), with_values=True)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE fault_row AS"
        f" SELECT row_number, fault, fault_value FROM ({rows}) WHERE fault IS NOT NULL",
        parameters,
    )
    note_faults(connection, file, checks_of(file))


def _count_rows(connection: duckdb.DuckDBPyConnection, register: Register) -> dict[str, int]:
    """Return the rows of ``raw.<register>`` per file that has any."""
    return dict(
        connection.execute(
            f"SELECT source_file, count(*) FROM {register.table} GROUP BY source_file"
        ).fetchall()
    )


#: What is wrong with a file whose header is sound and whose rows cannot all be read.
DAMAGED = "cannot be read to the end (damaged inside)"


def is_damage(error: duckdb.Error) -> bool:
    """Return whether ``error`` comes from damage inside a file, not from memory, disk or us."""
    return type(error) is duckdb.Error or isinstance(
        error, duckdb.InvalidInputException | duckdb.DataError
    )


def _unreadable(files: Sequence[ExtractFile], error: duckdb.Error) -> Exception:
    """Return the user error for damage inside ``files``, or ``error`` itself if it is not that."""
    if not is_damage(error):
        return error
    damaged = [file for file in files if _is_damaged(file)]
    if not damaged:
        return error
    faults = [f"{file.path.name}: {DAMAGED}" for file in damaged]
    return ExtractError.from_faults(str(damaged[0].path.parent), faults)


def _is_damaged(file: ExtractFile) -> bool:
    """Return whether a declared column of ``file`` cannot be read to its end."""
    names = ", ".join(map(quote_identifier, file.columns.values()))
    # On a connection of its own: the one that met the damage takes no statement before it is
    # rolled back.
    with connect(MEMORY, read_only=False) as connection:
        try:
            connection.execute(f"SELECT max(hash({names})) FROM {source_of(file)}")
        except duckdb.Error as error:
            return is_damage(error)
    return False


def _load_runs(connection: duckdb.DuckDBPyConnection, file: ExtractFile) -> None:
    """Load the week columns as runs; a code that no list has is one like others."""
    create_run_tables(connection, file)
    try:
        source = source_of(file)
        with any_order(connection):
            insert_runs(connection, file, source)
    except duckdb.Error as error:
        raise _unreadable([file], error) from error


def _record_file(connection: duckdb.DuckDBPyConnection, file: ExtractFile, loaded: int) -> None:
    name, register = file.path.name, file.register
    (kept_out,) = connection.execute(
        "SELECT count(*) FROM meta.quarantine WHERE file = ?", [name]
    ).fetchone() or (0,)
    if file.n_rows != loaded + kept_out:
        raise AssertionError(
            f"{name}: {file.n_rows} rows read, {loaded} loaded, {kept_out} quarantined"
        )
    connection.execute(
        "INSERT INTO meta.load_file VALUES (?, ?, ?, ?, ?, ?, ?)",
        [register.name, name, file.form, file.sha256, file.n_rows, loaded, kept_out],
    )


def count_file(connection: duckdb.DuckDBPyConnection, file: ExtractFile) -> LoadedFile:
    """Return what became of the rows of ``file``, as recorded in ``meta.load_file``."""
    row = connection.execute(
        "SELECT n_read, n_loaded, n_quarantined FROM meta.load_file"
        " WHERE register = ? AND file = ?",
        [file.register.name, file.path.name],
    ).fetchone()
    assert row is not None
    n_read, n_loaded, n_quarantined = (int(number) for number in row)
    return LoadedFile(file, n_read, n_loaded, n_quarantined, is_kept=file.parquet is None)
