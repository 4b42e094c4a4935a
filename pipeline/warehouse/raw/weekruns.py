"""The weekly columns of a wide register, kept as runs of equal codes.

A wide table of 520 columns costs far more to write and to read than the runs in it, so the week
columns are folded while the file is read: ``raw.<register>`` keeps one row per person,
``raw.<register>_week`` the week columns in order of time, ``raw.<register>_run`` the runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb

from pipeline.registers import Column, Register
from pipeline.warehouse.database.connection import quote_identifier
from pipeline.warehouse.delivery.calendar import iso_week
from pipeline.warehouse.delivery.extractfiles import ExtractFile
from pipeline.warehouse.delivery.values import value_expression
from pipeline.warehouse.raw.rawtables import create_commented
from pipeline.warehouse.raw.rowchecks import HIDDEN

#: Longer text in a week is no code, and may be the number of a person (six characters or more).
LONGEST_CODE = 5
#: Between the changes of a row, and between the position of a week and its text.
_BEFORE_CHANGE, _AFTER_WEEK = "chr(30)", "chr(31)"


def create_run_tables(connection: duckdb.DuckDBPyConnection, file: ExtractFile) -> None:
    """Make the empty run table and the filled week table of the file's register."""
    register = file.register
    assert register.weeks is not None
    create_commented(
        connection,
        f"{register.table}_week",
        f"{register.title}: week columns of the file, in order of time.",
        [
            ("week_position", "INTEGER", "Number of the column, from 1."),
            ("week_column", "VARCHAR", "Name of the column, y_YYWW."),
        ],
    )
    connection.executemany(
        f"INSERT INTO {register.table}_week VALUES (?, ?)",
        [[position, week] for position, week in enumerate(file.week_columns, start=1)],
    )
    key = [(c.name, c.type, c.description) for c in register.columns if c.name in register.key]
    create_commented(
        connection,
        f"{register.table}_run",
        f"{register.title}: unbroken runs of columns with one code; blank weeks are in none.",
        [
            *key,
            ("week_code", "VARCHAR", register.weeks.description),
            ("first_week", "VARCHAR", "First week column of the run."),
            ("last_week", "VARCHAR", "Last week column of the run."),
            ("row_number", "BIGINT", "Data row in the file; the first is 1."),
        ],
    )


def insert_runs(connection: duckdb.DuckDBPyConnection, file: ExtractFile, source: str) -> None:
    """Fold the week columns of ``source`` (a relation with ``"row in file"``) into runs.

    A week is a change where its code differs from that of the column before; only changes leave
    the wide form. Blank text is no code. The key is that of the row in the register's table; rows
    that are not there have no runs.
    """
    register = file.register
    key_names = ", ".join(f"loaded.{quote_identifier(name)}" for name in register.key)
    given = f"substr(change, instr(change, {_AFTER_WEEK}) + 1)"
    connection.execute(
        f"INSERT INTO {register.table}_run"
        " WITH delivered AS (SELECT row_number,"
        f" unnest(string_split(changes, {_BEFORE_CHANGE})[2:]) AS change FROM"
        f' (SELECT "row in file" AS row_number, concat({", ".join(_changes(file))}) AS changes'
        f" FROM {source})),"
        f" placed AS (SELECT row_number, {_code(given)} AS week_code,"
        f" CAST(split_part(change, {_AFTER_WEEK}, 1) AS INTEGER) AS week_position FROM delivered),"
        " compared AS (SELECT *, lag(week_code, 1, '') OVER in_time AS code_before FROM placed"
        " WINDOW in_time AS (PARTITION BY row_number ORDER BY week_position)),"
        " ended AS (SELECT *, lead(week_position) OVER in_time - 1 AS last_position FROM compared"
        " WHERE week_code <> code_before"
        " WINDOW in_time AS (PARTITION BY row_number ORDER BY week_position))"
        f" SELECT {key_names}, week_code, first.week_column, last.week_column, row_number"
        f" FROM ended JOIN {register.table} AS loaded USING (row_number)"
        f" JOIN {register.table}_week AS first USING (week_position)"
        f" JOIN {register.table}_week AS last ON last.week_position = coalesce(last_position, ?)"
        " WHERE week_code <> ''",
        [len(file.week_columns)],
    )


def _changes(file: ExtractFile) -> list[str]:
    """Return SQL per week column: position and text where it differs from the column before.

    Else null. Text of all changes of a row, taken apart after, costs a third less than ``UNPIVOT``,
    which lists every week of every row before it drops the nulls.
    """
    expressions = []
    before = None
    for position, week in enumerate(file.week_columns, start=1):
        text = _text(file, week)
        column, column_before = quote_identifier(file.columns[week]), "NULL"
        if before is not None:
            column_before = quote_identifier(file.columns[before])
            if file.types[file.columns[week]] != file.types[file.columns[before]]:
                # DuckDB would make numbers of the text, and fail at the first that is none.
                column, column_before = text, _text(file, before)
        # The mark is in no code: what was delivered with it is none after either.
        code = f"replace({text}, {_BEFORE_CHANGE}, '?')"
        expressions.append(
            f"CASE WHEN {column} IS DISTINCT FROM {column_before}"
            f" THEN concat({_BEFORE_CHANGE}, {position}, {_AFTER_WEEK}, {code}) END"
        )
        before = week
    return expressions


def _text(file: ExtractFile, week: str) -> str:
    """Return SQL for a week column as text."""
    name = file.columns[week]
    code = Column("week_code", "VARCHAR", "Code of one week.")
    return value_expression(quote_identifier(name), file.types[name], code)


def _code(text: str) -> str:
    """Return SQL for the code that ``text`` holds; what may be the number of a person is hidden."""
    return f"CASE WHEN length(trim({text})) > {LONGEST_CODE} THEN '{HIDDEN}' ELSE trim({text}) END"


@dataclass(frozen=True)
class UnknownWeeks:
    """Codes of week columns that are in no range of the code list.

    ``codes`` has each code with its weeks and its rows, the commonest first; ``share_by_year`` the
    share (0-1) of an ISO year's weeks with a code that have such a one, of years with any.
    """

    codes: tuple[tuple[str, int, int], ...] = ()
    share_by_year: Mapping[int, float] = field(default_factory=dict)


def unknown_weeks(
    connection: duckdb.DuckDBPyConnection, file: ExtractFile, source: str
) -> UnknownWeeks:
    """Return the week codes of ``source`` (with ``"row in file"``) that are in no known range."""
    weeks = file.register.weeks
    assert weeks is not None
    codes = {week: f"coalesce({_code(_text(file, week))}, '')" for week in file.week_columns}
    connection.execute(
        'CREATE OR REPLACE TEMP TABLE week_list AS SELECT "row in file" AS row_number,'
        f" list_distinct([{', '.join(codes.values())}]) AS codes FROM {source}"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE unknown_code AS"
        " SELECT code, count(*) AS n_rows FROM (SELECT unnest(codes) AS code FROM week_list)"
        f" ANTI JOIN codes.{weeks.code_list} AS known"
        " ON code BETWEEN known.code_first AND known.code_last"
        " AND length(code) = length(known.code_first) WHERE code <> '' GROUP BY code"
    )
    shown = ", ".join(f"{code} AS {quote_identifier(week)}" for week, code in codes.items())
    rows = connection.execute(
        f"SELECT week_column, code, count(*) FROM (UNPIVOT (SELECT {shown} FROM {source}"
        ' WHERE "row in file" IN (SELECT row_number FROM week_list WHERE list_has_any(codes,'
        " (SELECT list(code) FROM unknown_code))))"
        " ON COLUMNS(*) INTO NAME week_column VALUE code)"
        " SEMI JOIN unknown_code USING (code) GROUP BY week_column, code"
    ).fetchall()
    rows_of = dict(connection.execute("SELECT code, n_rows FROM unknown_code").fetchall())
    connection.execute("DROP TABLE week_list")
    connection.execute("DROP TABLE unknown_code")
    if not rows:
        return UnknownWeeks()
    of_code: Counter[str] = Counter()
    of_year: Counter[int] = Counter()
    for week, code, n in rows:
        of_code[code] += n
        of_year[iso_year(week)] += n
    used = [week for week in file.week_columns if iso_year(week) in of_year]
    counted = ", ".join(f"count(nullif({codes[week]}, ''))" for week in used)
    filled = connection.execute(f"SELECT {counted} FROM {source}").fetchone()
    assert filled is not None
    with_code: Counter[int] = Counter()
    for week, n in zip(used, filled, strict=True):
        with_code[iso_year(week)] += n
    return UnknownWeeks(
        codes=tuple((code, n, rows_of[code]) for code, n in of_code.most_common()),
        share_by_year={year: n / with_code[year] for year, n in sorted(of_year.items())},
    )


def iso_year(week_column: str) -> int:
    """Return the ISO year of a week column ``y_YYWW``."""
    week = iso_week(week_column[-4:])
    assert week is not None
    return week[0]


def delete_bad_runs(connection: duckdb.DuckDBPyConnection, register: Register) -> None:
    """Remove the runs of rows noted in ``bad_row``."""
    connection.execute(
        f"DELETE FROM {register.table}_run WHERE row_number IN (SELECT row_number FROM bad_row)"
    )
