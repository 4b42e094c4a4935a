"""What a whole column says that no value of it can: the file is then refused, not its rows.

Marks that may stand between thousands or before decimals, midnight in Denmark written as 22:00 or
23:00 UTC, and person numbers that lost an unknown number of zeros would all be read, and read
wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from pipeline.registers import Register
from pipeline.warehouse.database.connection import file_pattern, quote_identifier
from pipeline.warehouse.delivery.values import (
    given_expression,
    has_zone,
    is_number,
    is_text,
    moment_expression,
)

#: A number with a comma or a point, as text: groups of thousands, or decimals.
_MARKED = "[+-]?[0-9]*[,.][0-9]+"
#: It can be thousands or three decimals: 1 to 999 before the mark, three digits after it.
_EITHER = "[+-]?[1-9][0-9]{0,2}[,.][0-9]{3}"
_THOUSANDS = (
    "[+-]?[0-9]{1,3}(([.][0-9]{3}){2,}|(,[0-9]{3}){2,}|,[0-9]{3}[.][0-9]+|[.][0-9]{3},[0-9]+)"
)
_N_ROWS = 5


def value_faults(
    connection: duckdb.DuckDBPyConnection,
    register: Register,
    columns: Mapping[str, str],
    types: Mapping[str, str],
    parquet: Path,
) -> list[str]:
    """Return what is wrong with whole columns of a file, each fault with its rows.

    ``columns`` are the names in the file by declared name, ``types`` those of the file's columns.
    """
    declared = [column for column in register.columns if column.name in columns]
    numbers = [columns[c.name] for c in declared if c.type == "DOUBLE"]
    dates = [columns[c.name] for c in declared if c.type == "DATE"]
    persons = {columns[c.name]: c.digits for c in declared if c.identifies and c.digits}
    return [
        *_mark_faults(connection, [n for n in numbers if is_text(types[n])], parquet),
        *_utc_faults(connection, {name: types[name] for name in dates}, parquet),
        *_person_faults(
            connection, {n: d for n, d in persons.items() if is_number(types[n])}, parquet
        ),
    ]


def _rows(
    connection: duckdb.DuckDBPyConnection, parquet: Path, name: str, condition: str
) -> tuple[int, str]:
    """Return how many rows meet ``condition`` over ``given``, and the first with their values."""
    rows = connection.execute(
        "SELECT count(*), min({'row': row_number, 'given': given}, ?) FROM"
        f" (SELECT file_row_number + 1 AS row_number, trim({quote_identifier(name)}) AS given"
        " FROM read_parquet(?, hive_partitioning = false, file_row_number = true))"
        f" WHERE {condition}",
        [_N_ROWS, file_pattern(parquet)],
    ).fetchone()
    assert rows is not None
    shown = ", ".join(f"{one['given']} in row {one['row']:,}" for one in rows[1] or [])
    return int(rows[0]), shown


def _mark_faults(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str], parquet: Path
) -> list[str]:
    """Return why the numbers as text in the columns ``names`` cannot be relied on, if so.

    A file has one decimal mark. Where 1.234 and 12,5 stand in one file nobody can know whether
    1.234 is a thousand; nor where 1,234 stands beside 900 and no number of the file shows by its
    decimals what the comma is.
    """
    if not names:
        return []
    counted: dict[str, dict[str, int]] = {}
    for name in names:
        row = connection.execute(
            "SELECT count(*) FILTER (is_marked AND contains(given, ',')),"
            " count(*) FILTER (is_marked AND contains(given, '.')),"
            " count(*) FILTER (is_marked AND NOT is_either), count(*) FILTER (is_either),"
            " count(*) FILTER (is_grouped), count(*) FILTER (NOT is_marked AND NOT is_grouped)"
            f" FROM (SELECT given, regexp_full_match(given, '{_MARKED}') AS is_marked,"
            f" regexp_full_match(given, '{_EITHER}') AS is_either,"
            f" regexp_full_match(given, '{_THOUSANDS}') AS is_grouped FROM"
            f" (SELECT trim({quote_identifier(name)}) AS given"
            " FROM read_parquet(?, hive_partitioning = false)) WHERE given <> '')",
            [file_pattern(parquet)],
        ).fetchone()
        assert row is not None
        keys = ("comma", "point", "decimal", "either", "grouped", "plain")
        counted[name] = dict(zip(keys, map(int, row), strict=True))

    def example(key: str, condition: str) -> str:
        name = next(name for name in names if counted[name][key])
        return f"{name}: {_rows(connection, parquet, name, condition)[1]}"

    def total(key: str) -> int:
        return sum(counts[key] for counts in counted.values())

    marked = f"regexp_full_match(given, '{_MARKED}')"
    if total("comma") and total("point"):
        both = next((n for n in names if counted[n]["comma"] and counted[n]["point"]), None)
        where = f"column {both} has" if both else "the columns have"
        commas = example("comma", f"{marked} AND contains(given, ',')")
        points = example("point", f"{marked} AND contains(given, '.')")
        return [
            f"{where} numbers with decimal comma and numbers with decimal point"
            f" ({commas}; {points})"
        ]
    if total("grouped"):
        rows = example("grouped", f"regexp_full_match(given, '{_THOUSANDS}')")
        return [f"has numbers with a mark between thousands ({rows}); write them without"]
    unclear = [n for n in names if counted[n]["either"] and counted[n]["plain"]]
    if unclear and not total("decimal"):
        name = unclear[0]
        _, rows = _rows(connection, parquet, name, f"regexp_full_match(given, '{_EITHER}')")
        _, others = _rows(connection, parquet, name, f"given <> '' AND NOT {marked}")
        return [
            f"column {name} has numbers whose mark may stand between thousands or before decimals"
            f" ({rows}) beside numbers without ({others}); write decimals in all, or no thousands"
        ]
    return []


def _utc_faults(
    connection: duckdb.DuckDBPyConnection, types: Mapping[str, str], parquet: Path
) -> list[str]:
    """Return the columns of dates whose moments are all midnight in Denmark, written as UTC.

    They do not say so: every one would be the day before.
    """
    faults = []
    for name, physical in types.items():
        if has_zone(physical) or not (is_text(physical) or physical.startswith("TIMESTAMP")):
            continue
        moment = moment_expression(given_expression(name, physical), physical)
        row = connection.execute(
            "SELECT count(*), min(moment), count(*) FILTER (CAST(moment AS TIME) IN"
            f" (TIME '22:00:00', TIME '23:00:00')) FROM (SELECT {moment} AS moment"
            " FROM read_parquet(?, hive_partitioning = false)) WHERE moment IS NOT NULL",
            [file_pattern(parquet)],
        ).fetchone()
        assert row is not None
        n, first, n_late = row
        if n and n == n_late:
            faults.append(
                f"column {name} has {n:,} moments, all at 22:00 or 23:00 ({first}): midnight in"
                " Denmark, written in UTC without saying so; write dates or moments with a zone"
            )
    return faults


def _person_faults(
    connection: duckdb.DuckDBPyConnection, digits: Mapping[str, int], parquet: Path
) -> list[str]:
    """Return the columns that hold persons as numbers of more than their ``digits``."""
    faults = []
    for name, most in digits.items():
        row = connection.execute(
            f"SELECT count(*) FILTER (abs({quote_identifier(name)}) >= CAST(? AS DOUBLE))"
            " FROM read_parquet(?, hive_partitioning = false)",
            [float(10**most), file_pattern(parquet)],
        ).fetchone()
        assert row is not None
        if row[0]:
            faults.append(
                f"column {name} holds persons as numbers, {row[0]:,} of them of more than {most}"
                " digits: their leading zeros are lost and cannot be known; deliver them as text"
            )
    return faults
