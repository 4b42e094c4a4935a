"""Running rules by example: an empty warehouse in memory, and a small one per rule beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count

import duckdb

from pipeline.handbook.rules import NULL, Rows, Rule
from pipeline.registers import REGISTERS
from pipeline.settings import read_settings
from pipeline.warehouse.database.connection import quote_identifier
from pipeline.warehouse.database.sqlfiles import SqlFile, in_build_order, read_folder, run_sql_files
from pipeline.warehouse.delivery.calendar import weeks_in_iso_year
from pipeline.warehouse.marts.build import build_codes, set_variables
from pipeline.warehouse.raw.rawtables import create_raw_table

BUILT = {file.object: file for file in [*read_folder("core"), *read_folder("mart")]}
BUILT |= {file.object: file for file in read_folder("factor")}
SCHEMAS = ("raw", "codes", "core", "mart", "factor")
_NUMBER = count(1)


@cache
def warehouse() -> duckdb.DuckDBPyConnection:
    """Return a connection whose database has every table, empty, and the code lists as shipped."""
    connection = duckdb.connect(config={"threads": 1})
    for schema in SCHEMAS:
        connection.execute(f"CREATE SCHEMA {schema}")
    build_codes(connection)
    for register in REGISTERS:
        create_raw_table(connection, register)
        if register.weeks is not None:
            connection.execute(
                f"CREATE TABLE {register.table}_week (week_position INTEGER, week_column VARCHAR)"
            )
            connection.execute(
                f"CREATE TABLE {register.table}_run (PNR VARCHAR, week_code VARCHAR,"
                " first_week VARCHAR, last_week VARCHAR, row_number BIGINT)"
            )
    set_variables(connection, read_settings())
    run_sql_files(connection, BUILT.values())
    return connection


def needed(rule: Rule) -> tuple[list[SqlFile], set[str]]:
    """Return the files to run for the rule, and the tables that they read and nobody builds."""
    source = {table for table, _ in (*rule.setting.given, *rule.setting.everyone)}
    files: dict[str, SqlFile] = {}
    tables: set[str] = set()
    waiting = [rule.object]
    while waiting:
        name = waiting.pop()
        if name not in BUILT or (name in source and name != rule.object):
            tables.add(name)
        elif name not in files:
            files[name] = BUILT[name]
            waiting += BUILT[name].reads
    return in_build_order(list(files.values())), tables


@contextmanager
def small_warehouse(rule: Rule) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection to a database with what the rule gives and the object built from it."""
    connection = warehouse()
    name = f"rule_{next(_NUMBER)}"
    connection.execute(f"ATTACH ':memory:' AS {name}")
    connection.execute(f"USE {name}")
    try:
        files, tables = needed(rule)
        for schema in SCHEMAS:
            connection.execute(f"CREATE SCHEMA {schema}")
        filled = {table for table, _ in rule.setting.given}
        unread = filled - tables
        assert not unread, f"{rule.object} reads no {', '.join(sorted(unread))}"
        for table in sorted(tables):
            kept = "" if table.startswith("codes.") and table not in filled else " LIMIT 0"
            connection.execute(f"CREATE TABLE {table} AS SELECT * FROM memory.{table}{kept}")
        fill(connection, rule)
        set_variables(connection, read_settings())
        for variable, value in rule.setting.variables:
            connection.execute(f"SET VARIABLE {variable} = {value}")
        for file in files:
            connection.execute(file.text)
        yield connection
    finally:
        connection.execute("USE memory")
        connection.execute(f"DETACH {name}")


def fill(connection: duckdb.DuckDBPyConnection, rule: Rule) -> None:
    """Insert what the rule gives: weeks, rows, and what everyone has who has no row of it."""
    if rule.setting.weeks is not None:
        first, last = rule.setting.weeks
        weeks = [
            f"y_{year % 100:02d}{week:02d}"
            for year in range(first, last + 1)
            for week in range(1, weeks_in_iso_year(year) + 1)
        ]
        connection.execute(
            "INSERT INTO raw.dream_week SELECT generate_subscripts(given, 1), unnest(given)"
            " FROM (SELECT ?::VARCHAR[] AS given)",
            [weeks],
        )
    ordinary = dict(rule.setting.ordinary)
    for table, rows in rule.setting.given:
        insert(connection, table, rows, ordinary.get(table))
    for table, everyone in rule.setting.everyone:
        has_row = {p for name, rows in rule.setting.given if name == table for p in rows.persons()}
        column = "PNR" if table.startswith("raw.") else "person_id"
        lacking = [(person,) for person in rule.persons() if person not in has_row]
        insert(connection, table, Rows((column,), tuple(lacking)), everyone)


def insert(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Rows, ordinary: Rows | None
) -> None:
    """Insert rows of text, each cell in the type of its column; blank cells as is ordinary."""
    usual = dict(zip(ordinary.columns, ordinary.rows[0], strict=True)) if ordinary else {}
    columns = tuple(dict.fromkeys((*rows.columns, *usual)))
    listed = ", ".join(map(quote_identifier, columns))
    cells: list[str | None] = []
    for row in rows.rows:
        values = {**usual, **{c: v for c, v in zip(rows.columns, row, strict=True) if v}}
        cells += [None if values.get(c, NULL) == NULL else values[c] for c in columns]
    if cells:
        marks = ", ".join([f"({', '.join('?' for _ in columns)})"] * len(rows.rows))
        connection.execute(f"INSERT INTO {table} ({listed}) VALUES {marks}", cells)


def found_and_expected(
    connection: duckdb.DuckDBPyConnection, rule: Rule
) -> tuple[tuple[str, ...], list[tuple], list[tuple]]:
    """Return the columns compared, the rows of the object, and those of ``Then``, both sorted."""
    ordinary = dict(rule.setting.ordinary).get(rule.object)
    columns = tuple(dict.fromkeys((*rule.then.columns, *(ordinary.columns if ordinary else ()))))
    listed = ", ".join(map(quote_identifier, columns))
    connection.execute(f"CREATE TEMP TABLE expected AS SELECT {listed} FROM {rule.object} LIMIT 0")
    try:
        insert(connection, "expected", rule.then, ordinary)
        where = f" WHERE {rule.condition}" if rule.condition else ""
        as_text = ", ".join(f"CAST({quote_identifier(c)} AS VARCHAR)" for c in columns)
        answer = connection.execute(f"SELECT {as_text} FROM {rule.object}{where}").fetchall()
        expected = connection.execute(f"SELECT {as_text} FROM expected").fetchall()
    finally:
        connection.execute("DROP TABLE expected")
    return columns, sorted(answer, key=repr), sorted(expected, key=repr)


def difference(columns: tuple[str, ...], result: list[tuple], expected: list[tuple]) -> str:
    """Return the rows on one side only as a table, in the form of the rule's own file."""
    extra, missing = list(result), []
    for row in expected:
        if row in extra:
            extra.remove(row)
        else:
            missing.append(row)
    if not extra and not missing:
        return ""
    rows = [("found", row) for row in extra] + [("expected", row) for row in missing]
    rows.sort(key=lambda pair: (repr(pair[1][0]), pair[0]))
    lines = [f"| {' | '.join(('', *columns))} |"]
    for side, row in rows:
        cells = [NULL if cell is None else cell for cell in row]
        lines.append(f"| {' | '.join((side, *cells))} |")
    return "\n".join(lines)
