"""Person and family numbers become pseudonyms while files are read, and are stored nowhere.

Hashing every row would cost more than all else in a load, so each number is looked at once: the
temporary tables ``person_pseudonym`` and ``family_pseudonym`` (delivered, pseudonym) have every
number that a load has met, as its text stood in a file, and a register's rows are joined with them
on their way in: what is blank or malformed has no pseudonym. DuckDB keeps the tables within its
memory limit; what it spills of them goes when the connection closes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import duckdb
import pyarrow as pa
from duckdb.func import PythonUDFType

from pipeline.registers import IDENTIFIED, Column, Register
from pipeline.warehouse.database.connection import quote_identifier, quote_text
from pipeline.warehouse.delivery.extractfiles import ExtractFile
from pipeline.warehouse.delivery.values import (
    delivered_without_zeros,
    given_expression,
    value_expression,
)
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
            f"CREATE OR REPLACE TEMP TABLE {kind}_pseudonym (delivered VARCHAR, pseudonym VARCHAR)"
        )
    connection.create_function(
        _FUNCTION, of_batch, ["VARCHAR"], "VARCHAR", type=PythonUDFType.ARROW
    )
    yield
    # Not in a finally: after an error in a transaction no statement would run.
    for kind in IDENTIFIED:
        connection.execute(f"DROP TABLE {kind}_pseudonym")


def learn(connection: duckdb.DuckDBPyConnection, files: Sequence[ExtractFile]) -> None:
    """Hash the numbers in ``files`` that this load has not met before, if they are sound."""
    kinds = {str(c.identifies): c for file in files for c in _identifiers(file)}
    for kind, column in kinds.items():
        having = [f for f in files if any(c.identifies == kind for c in _identifiers(f))]
        is_first = connection.execute(f"FROM {kind}_pseudonym LIMIT 1").fetchone() is None
        if is_first and len(having) > 2:
            # Who is in any file of a register is mostly in its first or last. Once they are known,
            # all others pass a join with them, which costs half of asking who is the same.
            _learn(connection, [having[0], having[-1]], kind, column)
            having = having[1:-1]
        _learn(connection, having, kind, column)


def _learn(
    connection: duckdb.DuckDBPyConnection, files: Sequence[ExtractFile], kind: str, column: Column
) -> None:
    """Hash the numbers of ``kind`` in ``files`` that are not known yet; ``column`` has their form.

    The numbers of all columns that identify one of that kind.
    """
    selected = [
        f"SELECT {delivered(file, one)} AS delivered FROM {source_of(file)}"
        for file in files
        for one in _identifiers(file)
        if one.identifies == kind
    ]
    given = _number_in("delivered", "VARCHAR", column)
    # No condition on the number: DuckDB would ask it of every row delivered.
    connection.execute(
        f"INSERT INTO {kind}_pseudonym SELECT delivered,"
        f" CASE WHEN {_is_sound('given', column)} THEN {_FUNCTION}(given) END"
        f" FROM (SELECT delivered, {given} AS given FROM"
        f" (SELECT DISTINCT met.delivered FROM ({' UNION ALL '.join(selected)}) AS met"
        f" ANTI JOIN {kind}_pseudonym AS known ON met.delivered = known.delivered))"
    )


def delivered(file: ExtractFile, column: Column) -> str:
    """Return SQL for what ``file`` has in ``column``, which identifies somebody.

    Text as it stands, for what it comes to is worked out once a number; a number as text.
    """
    name = file.columns.get(column.name)
    if name is None:
        return "CAST(NULL AS VARCHAR)"
    physical = file.types[name]
    return quote_identifier(name) if physical == "VARCHAR" else _number_in(name, physical, column)


def lacking_zeros(connection: duckdb.DuckDBPyConnection, register: Register) -> bool:
    """Return whether a number that the load has met, of a kind in ``register``, lacks zeros."""
    return any(
        connection.execute(
            f"SELECT EXISTS (SELECT 1 FROM {column.identifies}_pseudonym"
            f" WHERE {delivered_without_zeros('delivered', column.digits)})"
        ).fetchone()
        == (True,)
        for column in {column.identifies: column for column in register.identifiers}.values()
        if column.digits is not None
    )


def named(register: Register) -> tuple[dict[str, str], str, str]:
    """Return SQL for each column of ``register`` that identifies, the joins, and the condition.

    They are for a query over rows ``loaded`` whose columns are as :func:`delivered` and
    :func:`learn` has met. The condition is true of rows without a number that is malformed, or
    missing where it must not.
    """
    shown: dict[str, str] = {}
    joins, conditions = "", ["true"]
    for column in register.identifiers:
        alias = quote_identifier(f"of {column.name}")
        number = f"loaded.{quote_identifier(column.name)}"
        kind = "LEFT" if column.nullable else "INNER"
        joins += (
            f" {kind} JOIN {column.identifies}_pseudonym AS {alias} ON {number} = {alias}.delivered"
        )
        shown[column.name] = f"{alias}.pseudonym"
        blank = f" OR nullif(trim({number}), '') IS NULL" if column.nullable else ""
        conditions.append(f"({alias}.pseudonym IS NOT NULL{blank})")
    return shown, joins, " AND ".join(conditions)


def shown_in_quarantine(file: ExtractFile) -> dict[str, str]:
    """Return SQL for each column of ``file`` that identifies, by its name there.

    A pseudonym of what was delivered, marked where the form of a person number is not kept.
    """
    shown = {}
    for column in _identifiers(file):
        number = _number(file, column)
        pseudonym = f"{_FUNCTION}({number})"
        if column.pattern is not None:
            mark = quote_text(MALFORMED)
            is_sound = _is_sound(number, column)
            pseudonym = f"CASE WHEN {is_sound} THEN '' ELSE {mark} END || {pseudonym}"
        shown[file.columns[column.name]] = pseudonym
    return shown


def _identifiers(file: ExtractFile) -> list[Column]:
    """Return the columns that identify a person or a family, of those that ``file`` has."""
    return [column for column in file.register.identifiers if column.name in file.columns]


def _number(file: ExtractFile, column: Column) -> str:
    """Return SQL for the number in ``column`` of ``file`` as text, as any other value is read."""
    name = file.columns[column.name]
    return _number_in(name, file.types[name], column)


def _number_in(name: str, physical: str, column: Column) -> str:
    return value_expression(given_expression(name, physical), physical, column)


def _is_sound(number: str, column: Column) -> str:
    """Return SQL that is true of a ``number`` that has the form declared; not of null."""
    if column.pattern is None:
        return f"{number} IS NOT NULL"
    return f"regexp_full_match({number}, {quote_text(column.pattern)})"
