"""Person and family numbers become pseudonyms while files are read, and are stored nowhere.

Hashing every row would cost more than all else in a load, so each number is hashed once: the
temporary tables ``person_pseudonym`` and ``family_pseudonym`` (given, pseudonym) have every number
that a load has met, and a register's rows are joined with them on their way in. DuckDB keeps the
tables within its memory limit; what it spills of them goes when the connection closes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import duckdb
import pyarrow as pa
from duckdb.func import PythonUDFType

from pipeline.registers import IDENTIFIED, Column, Register
from pipeline.warehouse.database.connection import quote_identifier, quote_text
from pipeline.warehouse.delivery.extractfiles import ExtractFile
from pipeline.warehouse.delivery.values import given_expression, value_expression
from pipeline.warehouse.raw.pseudonymkey import PseudonymKey
from pipeline.warehouse.raw.rowchecks import source_of

_FUNCTION = "pseudonym_of"
#: What the pseudonym of a malformed number begins with; no pseudonym has it otherwise.
MALFORMED = "?"


@contextmanager
def pseudonymising(connection: duckdb.DuckDBPyConnection, key: PseudonymKey) -> Iterator[None]:
    """Let the other functions here work on the connection, with ``key``, while the block runs."""

    def of_batch(numbers: pa.ChunkedArray) -> pa.ChunkedArray:
        return pa.chunked_array([key.pseudonyms(chunk) for chunk in numbers.chunks], pa.string())

    for kind in IDENTIFIED:
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {kind}_pseudonym (given VARCHAR, pseudonym VARCHAR)"
        )
    connection.create_function(
        _FUNCTION, of_batch, ["VARCHAR"], "VARCHAR", type=PythonUDFType.ARROW
    )
    yield
    # Not in a finally: after an error in a transaction no statement would run.
    for kind in IDENTIFIED:
        connection.execute(f"DROP TABLE {kind}_pseudonym")


def learn(connection: duckdb.DuckDBPyConnection, files: Sequence[ExtractFile]) -> None:
    """Hash the numbers in ``files`` that this load has not met before.

    Where one is missing the table gets a row of nulls, which joins with nothing.
    """
    parts: dict[str, list[str]] = defaultdict(list)
    for file in files:
        for column in _identifiers(file):
            selected = f"SELECT {_number(file, column)} AS given FROM {source_of(file)}"
            parts[str(column.identifies)].append(selected)
    for kind, selected_of_kind in parts.items():
        connection.execute(
            f"INSERT INTO {kind}_pseudonym SELECT given, {_FUNCTION}(given) FROM"
            f" (SELECT DISTINCT found.given FROM ({' UNION ALL '.join(selected_of_kind)}) AS found"
            f" ANTI JOIN {kind}_pseudonym AS known ON found.given = known.given)"
        )


def named(register: Register) -> tuple[dict[str, str], str]:
    """Return SQL for each column of ``register`` that identifies, and the joins that it needs.

    They are for a query over rows ``loaded``, whose numbers :func:`learn` has met.
    """
    shown: dict[str, str] = {}
    joins = ""
    for column in register.identifiers:
        alias = quote_identifier(f"of {column.name}")
        number = f"loaded.{quote_identifier(column.name)}"
        joins += f" LEFT JOIN {column.identifies}_pseudonym AS {alias} ON {number} = {alias}.given"
        shown[column.name] = f"{alias}.pseudonym"
    return shown, joins


def shown_in_quarantine(file: ExtractFile) -> dict[str, str]:
    """Return SQL for each column of ``file`` that identifies, by its name there.

    A pseudonym of what was delivered, marked where the form of a person number is not kept.
    """
    shown = {}
    for column in _identifiers(file):
        number = _number(file, column)
        pseudonym = f"{_FUNCTION}({number})"
        if column.pattern is not None:
            keeps_form = f"regexp_full_match({number}, {quote_text(column.pattern)})"
            mark = quote_text(MALFORMED)
            pseudonym = f"CASE WHEN {keeps_form} THEN '' ELSE {mark} END || {pseudonym}"
        shown[file.columns[column.name]] = pseudonym
    return shown


def _identifiers(file: ExtractFile) -> list[Column]:
    """Return the columns that identify a person or a family, of those that ``file`` has."""
    return [column for column in file.register.identifiers if column.name in file.columns]


def _number(file: ExtractFile, column: Column) -> str:
    """Return SQL for the number in ``column`` of ``file`` as text, as any other value is read."""
    name = file.columns[column.name]
    physical = file.types[name]
    return value_expression(given_expression(name, physical), physical, column)
