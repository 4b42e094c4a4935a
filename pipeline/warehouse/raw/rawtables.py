"""Tables of schema ``raw``: one per register, with the comments of its declaration."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from pipeline.registers import Column, Register
from pipeline.warehouse.database.connection import quote_identifier, quote_text


def create_raw_table(connection: duckdb.DuckDBPyConnection, register: Register) -> None:
    """Make the empty table of ``register``: its columns, FILE_YEAR, source_file, row_number."""
    columns = [(c.name, _stored_as(c, register), c.description) for c in register.columns]
    if register.has_file_year:
        columns.append(("FILE_YEAR", "INTEGER", "Year in the file name."))
    columns.append(("source_file", "VARCHAR", "File the row was read from."))
    columns.append(("row_number", "BIGINT", "Data row in the file; the first is 1."))
    title = f"{register.title}: {register.description} {register.grain.capitalize()}."
    create_commented(connection, register.table, title, columns)


def create_commented(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    comment: str,
    columns: Sequence[tuple[str, str, str]],
) -> None:
    """Make ``table`` of (name, type, comment) ``columns``, with comments on it and on each."""
    listed = ", ".join(f"{quote_identifier(name)} {kind}" for name, kind, _ in columns)
    comments = [
        f"COMMENT ON COLUMN {table}.{quote_identifier(name)} IS {quote_text(text)}"
        for name, _, text in columns
    ]
    on_table = f"COMMENT ON TABLE {table} IS {quote_text(comment)}"
    connection.execute("; ".join([f"CREATE TABLE {table} ({listed})", on_table, *comments]))


def raw_tables(register: Register) -> tuple[str, ...]:
    """Return the tables that loading ``register`` fills: one, or three when it has weeks."""
    if register.weeks is None:
        return (register.table,)
    return (register.table, f"{register.table}_week", f"{register.table}_run")


def _stored_as(column: Column, register: Register) -> str:
    """Return the type of ``column``, with how it is compressed where DuckDB is not to look for it.

    Where rows have a key its first column, and pseudonyms, also of parents and families, are random
    letters that hardly repeat: looking for what repeats in them takes longer than writing them.
    """
    is_random = column.identifies or column.name in register.key[:1]
    if register.key and is_random and column.type == "VARCHAR" and column.code_list is None:
        return f"{column.type} USING COMPRESSION uncompressed"
    return column.type
