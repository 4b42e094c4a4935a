"""Loading one register: its files into ``raw``, its bad rows into ``meta.quarantine``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipeline.errors import ExtractError
from pipeline.registers import Register
from pipeline.warehouse.connection import any_order, quote_identifier, quote_text
from pipeline.warehouse.csvfiles import parse_fault
from pipeline.warehouse.extracts import ExtractFile
from pipeline.warehouse.rowchecks import RowCheck, checks_of, original_json, parsed_rows
from pipeline.warehouse.weekruns import (
    create_run_tables,
    delete_bad_runs,
    insert_runs,
    note_unknown_weeks,
)

KEY_CHECK = "key_unique"
_TYPES = {"VARCHAR": "VARCHAR", "DATE": "DATE", "INTEGER": "INTEGER", "DOUBLE": "DOUBLE"}


@dataclass(frozen=True)
class LoadedFile:
    """What became of one file's rows: ``n_read = n_loaded + n_quarantined``."""

    file: ExtractFile
    n_read: int
    n_loaded: int
    n_quarantined: int


def load_register(
    connection: duckdb.DuckDBPyConnection, register: Register, files: Sequence[ExtractFile]
) -> list[LoadedFile]:
    """Return the counts per file after making ``raw.<register>`` from ``files``.

    Rows that fail a check go to ``meta.quarantine`` under the first check they fail: of values in
    column order, then of week codes, then repeats of a key in the order of file name and row.
    """
    _create_table(connection, register)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE bad_row ("
        ' file VARCHAR, row_number BIGINT, column_name VARCHAR, "check" VARCHAR,'
        " expected VARCHAR)"
    )
    for file in files:
        _load_rows(connection, file)
    if register.weeks is not None:
        for file in files:
            _load_runs(connection, file)
    if register.key:
        _remove_repeats(connection, register)
    if register.weeks is not None:
        delete_bad_runs(connection, register)
    for file in files:
        _quarantine(connection, file)
    loaded = [_count(connection, file) for file in files]
    connection.execute("DROP TABLE bad_row")
    return loaded


def _create_table(connection: duckdb.DuckDBPyConnection, register: Register) -> None:
    columns = [(c.name, _TYPES[c.type], c.description) for c in register.columns]
    if register.has_file_year:
        columns.append(("FILE_YEAR", "INTEGER", "Year in the file name."))
    columns.append(("source_file", "VARCHAR", "File the row was read from."))
    columns.append(("row_number", "BIGINT", "Data row in the file; the first is 1."))
    listed = ", ".join(f"{quote_identifier(name)} {kind}" for name, kind, _ in columns)
    connection.execute(f"CREATE TABLE {register.table} ({listed})")
    title = f"{register.title}: {register.description} {register.grain.capitalize()}."
    connection.execute(f"COMMENT ON TABLE {register.table} IS {quote_text(title)}")
    for name, _, text in columns:
        connection.execute(
            f"COMMENT ON COLUMN {register.table}.{quote_identifier(name)} IS {quote_text(text)}"
        )


def _source(connection: duckdb.DuckDBPyConnection, file: ExtractFile) -> str:
    """Return a relation over the file's columns and ``"row in file"``, from 1.

    A Parquet file is read in place, named by a variable; a CSV file is copied once, in order.
    """
    if file.layout is None:
        connection.execute("SET VARIABLE extract_file = ?", [str(file.path)])
        return (
            '(SELECT *, file_row_number + 1 AS "row in file" FROM read_parquet('
            "getvariable('extract_file'), hive_partitioning = false, file_row_number = true))"
        )
    try:
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE csv_row AS"
            f' SELECT *, row_number() OVER () AS "row in file" FROM {file.layout.relation()}',
            [str(file.path)],
        )
    except duckdb.Error as error:
        fault = f"{file.path.name}: {parse_fault(error)}"
        raise ExtractError.from_faults(str(file.path.parent), [fault]) from None
    return "csv_row"


def _load_rows(connection: duckdb.DuckDBPyConnection, file: ExtractFile) -> None:
    """Insert the rows that pass every check of values, and note the others in ``bad_row``."""
    register, checks = file.register, checks_of(file)
    rows, parameters = parsed_rows(file, _source(connection, file))
    targets = [quote_identifier(c.name) for c in register.columns]
    chosen = [f'"value {c.name}"' for c in register.columns]
    constants: list[Any] = []
    if register.has_file_year:
        targets.append("FILE_YEAR")
        chosen.append("?")
        constants.append(file.file_year)
    targets += ["source_file", "row_number"]
    chosen += ["?", "row_number"]
    constants.append(file.path.name)
    try:
        with any_order(connection):
            connection.execute(
                f"INSERT INTO {register.table} ({', '.join(targets)})"
                f" SELECT {', '.join(chosen)} FROM ({rows}) WHERE fault IS NULL",
                [*constants, *parameters],
            )
        inserted = connection.execute(
            f"SELECT count(*) FROM {register.table} WHERE source_file = ?", [file.path.name]
        ).fetchone()
        assert inserted is not None
        if inserted[0] < file.n_rows:
            connection.execute(
                "CREATE OR REPLACE TEMP TABLE fault_row AS"
                f" SELECT row_number, fault FROM ({rows}) WHERE fault IS NOT NULL",
                parameters,
            )
            _note_faults(connection, file, checks)
    except duckdb.Error as error:
        raise _unreadable(file, error) from error


def _note_faults(
    connection: duckdb.DuckDBPyConnection, file: ExtractFile, checks: Sequence[RowCheck]
) -> None:
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE row_check"
        ' (fault INTEGER, column_name VARCHAR, "check" VARCHAR, expected VARCHAR)'
    )
    connection.executemany(
        "INSERT INTO row_check VALUES (?, ?, ?, ?)",
        [[n, c.column, c.name, c.expected] for n, c in enumerate(checks, start=1)],
    )
    connection.execute(
        "INSERT INTO bad_row"
        ' SELECT ?, fault_row.row_number, row_check.column_name, row_check."check",'
        " row_check.expected FROM fault_row JOIN row_check USING (fault)",
        [file.path.name],
    )


def _unreadable(file: ExtractFile, error: duckdb.Error) -> Exception:
    """Return the user error for damage inside ``file``, or ``error`` itself if it is not that."""
    if type(error) is not duckdb.Error and not isinstance(
        error, duckdb.InvalidInputException | duckdb.DataError
    ):
        return error
    fault = f"{file.path.name}: cannot be read to the end (damaged inside)"
    return ExtractError.from_faults(str(file.path.parent), [fault])


def _load_runs(connection: duckdb.DuckDBPyConnection, file: ExtractFile) -> None:
    """Load the week columns as runs, and remove rows with a code that is in no range."""
    create_run_tables(connection, file)
    try:
        source = _source(connection, file)
        with any_order(connection):
            insert_runs(connection, file, source)
    except duckdb.Error as error:
        raise _unreadable(file, error) from error
    if note_unknown_weeks(connection, file):
        _delete_bad(connection, file.register)


def _remove_repeats(connection: duckdb.DuckDBPyConnection, register: Register) -> None:
    """Move rows whose key came earlier, in order of file name and row."""
    key = ", ".join(quote_identifier(name) for name in register.key)
    repeated = f"SELECT {key} FROM {register.table} GROUP BY {key} HAVING count(*) > 1"
    if connection.execute(f"SELECT EXISTS ({repeated})").fetchone() == (False,):
        return
    connection.execute(
        "INSERT INTO bad_row SELECT source_file, row_number, ?, ?,"
        " concat('no earlier row with the same key, but row ', first_row, ' of ', first_file,"
        " ' has it') FROM ("
        "SELECT source_file, row_number,"
        " row_number() OVER same_key AS n,"
        " first_value(source_file) OVER same_key AS first_file,"
        " first_value(row_number) OVER same_key AS first_row"
        f" FROM {register.table} SEMI JOIN ({repeated}) AS again USING ({key})"
        f" WINDOW same_key AS (PARTITION BY {key} ORDER BY source_file, row_number))"
        " WHERE n > 1",
        [", ".join(register.key), KEY_CHECK],
    )
    _delete_bad(connection, register)


def _delete_bad(connection: duckdb.DuckDBPyConnection, register: Register) -> None:
    connection.execute(
        f"DELETE FROM {register.table} USING bad_row"
        f" WHERE {register.name}.source_file = bad_row.file"
        f" AND {register.name}.row_number = bad_row.row_number"
    )


def _quarantine(connection: duckdb.DuckDBPyConnection, file: ExtractFile) -> None:
    """Copy the file's bad rows, as delivered, into ``meta.quarantine``."""
    name = file.path.name
    if connection.execute(
        "SELECT EXISTS (SELECT 1 FROM bad_row WHERE file = ?)", [name]
    ).fetchone() == (False,):
        return
    connection.execute("CREATE OR REPLACE TEMP TABLE in_file (column_name VARCHAR, path VARCHAR)")
    connection.executemany(
        "INSERT INTO in_file VALUES (?, ?)",
        [[column, '$."' + delivered + '"'] for column, delivered in file.columns.items()],
    )
    connection.execute(
        "INSERT INTO meta.quarantine"
        " SELECT ?, bad_row.file, bad_row.row_number,"
        " concat(bad_row.column_name, ' is ',"
        " CASE WHEN in_file.path IS NULL THEN 'repeated'"
        " ELSE coalesce('''' || json_extract_string(delivered.original, in_file.path) || '''',"
        " 'missing') END, '; expected ', bad_row.expected),"
        ' bad_row.column_name, bad_row."check", delivered.original'
        " FROM bad_row"
        f' JOIN (SELECT "row in file" AS row_number, {original_json(file)} AS original'
        f' FROM {_source(connection, file)} WHERE "row in file" IN'
        " (SELECT row_number FROM bad_row WHERE file = ?)) AS delivered"
        " ON bad_row.row_number = delivered.row_number"
        " LEFT JOIN in_file ON bad_row.column_name = in_file.column_name"
        " WHERE bad_row.file = ? ORDER BY bad_row.row_number",
        [file.register.name, name, name],
    )


def _count(connection: duckdb.DuckDBPyConnection, file: ExtractFile) -> LoadedFile:
    name, register = file.path.name, file.register
    loaded, kept_out = (
        int((connection.execute(sql, [name]).fetchone() or (0,))[0])
        for sql in (
            f"SELECT count(*) FROM {register.table} WHERE source_file = ?",
            "SELECT count(*) FROM meta.quarantine WHERE file = ?",
        )
    )
    if file.n_rows != loaded + kept_out:
        raise AssertionError(
            f"{name}: {file.n_rows} rows read, {loaded} loaded, {kept_out} quarantined"
        )
    connection.execute(
        "INSERT INTO meta.load_file VALUES (?, ?, ?, ?, ?, ?)",
        [register.name, name, file.sha256, file.n_rows, loaded, kept_out],
    )
    return LoadedFile(file, file.n_rows, loaded, kept_out)
