"""Rows that are kept out: noted while a register is loaded, then kept in ``meta.quarantine``.

``bad_row`` is a temporary table of one register: file, row number, column, check and what was
expected. The row as delivered is fetched from its file at the end, and kept with pseudonyms in
place of the numbers of persons and families.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipeline.registers import Register
from pipeline.warehouse.database.connection import count_keys, quote_identifier
from pipeline.warehouse.delivery.extractfiles import ExtractFile
from pipeline.warehouse.raw.pseudonyms import shown_in_quarantine
from pipeline.warehouse.raw.rowchecks import RowCheck, original_json, source_of

KEY_CHECK = "key_unique"
#: How many of the commonest values at fault a message shows.
N_COMMONEST = 5
#: Rows held at a time; one of a wide register may have 10 kB.
_EXPORT_ROWS = 2_048
_NOTE = " (its pseudonym)"


def begin_bad_rows(connection: duckdb.DuckDBPyConnection) -> None:
    """Make ``bad_row``, empty."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE bad_row ("
        ' file VARCHAR, row_number BIGINT, column_name VARCHAR, "check" VARCHAR,'
        " expected VARCHAR, value VARCHAR)"
    )


def note_faults(
    connection: duckdb.DuckDBPyConnection, file: ExtractFile, checks: Sequence[RowCheck]
) -> None:
    """Note the rows of the temporary table ``fault_row``: row_number, fault, fault_value.

    ``fault`` is the position in ``checks``, from 1.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE row_check"
        ' (fault INTEGER, column_name VARCHAR, "check" VARCHAR, expected VARCHAR)'
    )
    connection.executemany(
        "INSERT INTO row_check VALUES (?, ?, ?, ?)",
        [[n, c.column, c.name, c.expected] for n, c in enumerate(checks, start=1)],
    )
    connection.execute(
        'INSERT INTO bad_row SELECT ?, row_number, column_name, "check", expected, fault_value'
        " FROM fault_row JOIN row_check USING (fault)",
        [file.path.name],
    )


def note_repeats(
    connection: duckdb.DuckDBPyConnection, register: Register, files: Sequence[ExtractFile]
) -> bool:
    """Return whether a row of ``files`` has a key that came earlier, after noting all such.

    Earlier is by file name, then by row.
    """
    key = ", ".join(quote_identifier(name) for name in register.key)
    names = [file.path.name for file in files]
    kept = (
        f"SELECT {key}, source_file, row_number FROM {register.table}"
        " WHERE list_contains(CAST(? AS VARCHAR[]), source_file)"
    )
    repeated = f"SELECT {key} FROM ({kept}) GROUP BY {key} HAVING count(*) > 1"
    n_rows, n_keys = count_keys(connection, f"({kept})", register.key, [names])
    if n_rows == n_keys:
        return False
    connection.execute(
        "INSERT INTO bad_row SELECT source_file, row_number, ?, ?,"
        " concat('no earlier row with the same key, but row ', first_row, ' of ', first_file,"
        " ' has it'), NULL FROM ("
        "SELECT source_file, row_number,"
        " row_number() OVER same_key AS n,"
        " first_value(source_file) OVER same_key AS first_file,"
        " first_value(row_number) OVER same_key AS first_row"
        f" FROM ({kept}) SEMI JOIN ({repeated}) AS again USING ({key})"
        f" WINDOW same_key AS (PARTITION BY {key} ORDER BY source_file, row_number))"
        " WHERE n > 1",
        [", ".join(register.key), KEY_CHECK, names, names],
    )
    return True


def delete_bad_rows(connection: duckdb.DuckDBPyConnection, register: Register) -> None:
    """Remove the rows noted in ``bad_row`` from the register's table."""
    connection.execute(
        f"DELETE FROM {register.table} USING bad_row"
        f" WHERE {register.name}.source_file = bad_row.file"
        f" AND {register.name}.row_number = bad_row.row_number"
    )


def keep_bad_rows(connection: duckdb.DuckDBPyConnection, file: ExtractFile) -> None:
    """Copy the file's bad rows into ``meta.quarantine``: declared columns, with pseudonyms."""
    name = file.path.name
    if connection.execute(
        "SELECT EXISTS (SELECT 1 FROM bad_row WHERE file = ?)", [name]
    ).fetchone() == (False,):
        return
    identifiers = shown_in_quarantine(file)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE in_file (column_name VARCHAR, path VARCHAR, note VARCHAR)"
    )
    connection.executemany(
        "INSERT INTO in_file VALUES (?, ?, ?)",
        [
            [column, '$."' + delivered + '"', _NOTE if delivered in identifiers else ""]
            for column, delivered in file.columns.items()
        ],
    )
    connection.execute(
        "INSERT INTO meta.quarantine"
        " SELECT ?, bad_row.file, bad_row.row_number,"
        " concat(bad_row.column_name, ' is ',"
        " CASE WHEN in_file.path IS NULL THEN 'repeated'"
        " ELSE coalesce('''' || json_extract_string(delivered.original, in_file.path) || ''''"
        " || in_file.note, 'missing') END, '; expected ', bad_row.expected),"
        ' bad_row.column_name, bad_row."check", bad_row.value, delivered.original'
        " FROM bad_row"
        f' JOIN (SELECT "row in file" AS row_number, {original_json(file, identifiers)} AS original'
        f' FROM {source_of(file)} WHERE "row in file" IN'
        " (SELECT row_number FROM bad_row WHERE file = ?)) AS delivered"
        " ON bad_row.row_number = delivered.row_number"
        " LEFT JOIN in_file ON bad_row.column_name = in_file.column_name"
        " WHERE bad_row.file = ? ORDER BY bad_row.row_number",
        [file.register.name, name, name],
    )


def commonest_values(values: Sequence[tuple[str | None, int]]) -> str:
    """Return the first few of ``values`` (value, rows; commonest first) in words, ending in "; ".

    "" for none.
    """
    shown = [
        f"{'missing' if value is None else repr(value)} ({n:,})"
        for value, n in values[:N_COMMONEST]
    ]
    return f"commonest {', '.join(shown)}; " if shown else ""


def values_at_fault(
    connection: duckdb.DuckDBPyConnection, register: str, check: str
) -> list[tuple[str | None, int]]:
    """Return the commonest values that failed ``check``, each with its rows; none of a repeat."""
    if check == KEY_CHECK:
        return []
    return connection.execute(
        'SELECT value, count(*) AS n FROM meta.quarantine WHERE register = ? AND "check" = ?'
        " GROUP BY value ORDER BY n DESC, value LIMIT ?",
        [register, check, N_COMMONEST],
    ).fetchall()


def write_quarantine(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    """Return the number of quarantined rows after writing them to the CSV file ``path``.

    The file holds rows of single persons and is readable by its owner only (mode 0600). Rows are
    in the order of register, file and number, and never held all at once.
    """
    beside = path.with_name(path.name + ".next")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    n_rows = 0
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        reader = connection.execute(
            'SELECT register, file, row_number, column_name, "check", reason, original'
            " FROM meta.quarantine ORDER BY register, file, row_number"
        ).to_arrow_reader(_EXPORT_ROWS)
        reader.schema.empty_table().to_pandas().to_csv(file, index=False)
        for batch in reader:
            batch.to_pandas().to_csv(file, index=False, header=False)
            n_rows += batch.num_rows
    beside.replace(path)
    return n_rows
