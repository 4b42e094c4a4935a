"""What is read otherwise than it stands in a file: counted per file and column, and told.

Leading zeros that codes got back, times of day that were cut, numbers taken for days, rows that
SAS has marked as deleted. The rows load; nobody should have to guess how.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from pipeline.registers import Register
from pipeline.warehouse.delivery.extractfiles import ExtractFile
from pipeline.warehouse.delivery.values import (
    SAS_DAYS,
    delivered_without_zeros,
    given_expression,
    is_number,
    is_text,
    lacks_zeros,
    moment_expression,
    text_expression,
)
from pipeline.warehouse.raw.rowchecks import source_of

#: Per kind of note: the status it has in data quality, and its words.
_KINDS = {
    "leading_zeros": (
        "ok",
        "{column}: {n:,} values shorter than the declared digits got leading zeros",
    ),
    "time_of_day": ("ok", "{column}: {n:,} moments with a time became their day in Denmark"),
    "dates_without_format": (
        "warn",
        "{column}: {n:,} numbers without a date format taken for days since 1 January 1960",
    ),
    "deleted_rows": ("ok", "{n:,} rows that SAS has marked as deleted left out"),
}


@dataclass(frozen=True)
class LoadNote:
    """How many values of a column (or rows, where it is "") of a file a note is about."""

    file: str
    check: str
    column: str
    n_values: int


def note_text(note: LoadNote) -> str:
    """Return the note in words, without its file."""
    return _KINDS[note.check][1].format(column=note.column, n=note.n_values)


def notes_of(
    connection: duckdb.DuckDBPyConnection, file: ExtractFile, *, has_short_numbers: bool = True
) -> list[LoadNote]:
    """Return what there is to note of ``file``, which lies in its ``parquet``.

    Without ``has_short_numbers`` text that identifies somebody is known not to lack zeros.
    """
    conditions: list[tuple[str, str, str]] = []
    for column in file.register.columns:
        name = file.columns.get(column.name)
        if name is None:
            continue
        physical = file.types[name]
        source = given_expression(name, physical)
        if column.identifies and physical == "VARCHAR" and not has_short_numbers:
            continue
        if column.digits is not None and (is_text(physical) or is_number(physical)):
            if physical == "VARCHAR":
                lacks = delivered_without_zeros(name, column.digits)
            else:
                lacks = lacks_zeros(text_expression(source, physical), column.digits)
            conditions.append(("leading_zeros", column.name, lacks))
        elif column.type == "DATE" and physical == SAS_DAYS:
            conditions.append(("dates_without_format", column.name, f"{source} < 100000"))
        elif column.type == "DATE" and (is_text(physical) or physical.startswith("TIMESTAMP")):
            moment = moment_expression(source, physical)
            with_time = f"CAST({moment} AS TIME) <> TIME '00:00:00'"
            conditions.append(("time_of_day", column.name, with_time))
    notes = []
    if conditions:
        counts = ", ".join(f"count(*) FILTER ({condition})" for _, _, condition in conditions)
        row = connection.execute(f"SELECT {counts} FROM {source_of(file)}").fetchone()
        assert row is not None
        notes = [
            LoadNote(file.path.name, check, column, int(n))
            for (check, column, _), n in zip(conditions, row, strict=True)
            if n
        ]
    if file.n_deleted:
        notes.append(LoadNote(file.path.name, "deleted_rows", "", file.n_deleted))
    return notes


def record_notes(
    connection: duckdb.DuckDBPyConnection, file: ExtractFile, *, has_short_numbers: bool
) -> None:
    """Keep the notes of ``file`` in ``meta.load_note``; see :func:`notes_of`."""
    for note in notes_of(connection, file, has_short_numbers=has_short_numbers):
        connection.execute(
            "INSERT INTO meta.load_note VALUES (?, ?, ?, ?, ?)",
            [file.register.name, note.file, note.check, note.column, note.n_values],
        )


def notes_of_register(
    connection: duckdb.DuckDBPyConnection, register: Register
) -> list[tuple[str, str, list[LoadNote]]]:
    """Return per kind of note its name, its status and the notes of ``register`` by column.

    The notes of a column are one over all files.
    """
    rows = connection.execute(
        'SELECT "check", column_name, CAST(sum(n_values) AS BIGINT) FROM meta.load_note'
        ' WHERE register = ? GROUP BY "check", column_name ORDER BY "check", column_name',
        [register.name],
    ).fetchall()
    return [
        (
            kind,
            status,
            [LoadNote("", kind, column, n) for check, column, n in rows if check == kind],
        )
        for kind, (status, _) in _KINDS.items()
        if any(check == kind for check, _, _ in rows)
    ]
