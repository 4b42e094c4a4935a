"""The weekly columns of a wide register, kept as runs of equal codes.

A wide table of 520 columns costs far more to write and to read than the runs in it, so the week
columns are folded while the file is read: ``raw.<register>`` keeps one row per person,
``raw.<register>_week`` the week columns in order of time, ``raw.<register>_run`` the runs.
"""

from __future__ import annotations

import duckdb

from pipeline.registers import Column, Register
from pipeline.warehouse.database.connection import quote_identifier
from pipeline.warehouse.delivery.extractfiles import ExtractFile
from pipeline.warehouse.raw.rawtables import create_commented
from pipeline.warehouse.raw.rowchecks import value_expression

WEEK_CHECK = "week_code"


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
    changes = ", ".join(_changes(file))
    connection.execute(
        f"INSERT INTO {register.table}_run"
        " WITH delivered AS (UNPIVOT"
        f' (SELECT "row in file" AS row_number, {changes} FROM {source})'
        " ON COLUMNS('^y_[0-9]{4}$') INTO NAME week_column VALUE given),"
        " placed AS (SELECT row_number, trim(given) AS week_code, week_position"
        f" FROM delivered JOIN {register.table}_week USING (week_column)),"
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
    """Return SQL per week column: its code where it differs from the column before, else null."""
    expressions = []
    before = "NULL"
    code = Column("week_code", "VARCHAR", "Code of one week.")
    for week in file.week_columns:
        name = file.columns[week]
        column = quote_identifier(name)
        text = value_expression(column, file.types[name], code)
        expressions.append(
            f"CASE WHEN {column} IS DISTINCT FROM {before} THEN coalesce({text}, '') END"
            f" AS {quote_identifier(week)}"
        )
        before = column
    return expressions


def note_unknown_weeks(connection: duckdb.DuckDBPyConnection, file: ExtractFile) -> int:
    """Return how many distinct codes are in no range of the code list; note their rows as bad.

    Each row is noted once, in ``bad_row``, under the first week at fault.
    """
    register = file.register
    assert register.weeks is not None
    unknown = connection.execute(
        f"SELECT week_code FROM (SELECT DISTINCT week_code FROM {register.table}_run) AS delivered"
        f" ANTI JOIN codes.{register.weeks.code_list} AS code"
        " ON delivered.week_code BETWEEN code.code_first AND code.code_last"
        " AND length(delivered.week_code) = length(code.code_first)"
    ).fetchall()
    if unknown:
        connection.execute(
            "INSERT INTO bad_row SELECT ?, run.row_number,"
            " arg_min(run.first_week, week.week_position), ?, ?"
            f" FROM {register.table}_run AS run"
            f" JOIN {register.table}_week AS week ON run.first_week = week.week_column"
            f" SEMI JOIN {register.table} AS loaded ON run.row_number = loaded.row_number"
            " WHERE list_contains(CAST(? AS VARCHAR[]), run.week_code) GROUP BY run.row_number",
            [
                file.path.name,
                WEEK_CHECK,
                f"a code of the list {register.weeks.code_list}",
                [str(code) for (code,) in unknown],
            ],
        )
    return len(unknown)


def unknown_week_rows(
    connection: duckdb.DuckDBPyConnection, file: ExtractFile, source: str, n_samples: int
) -> tuple[int, list[int]]:
    """Return how many rows of ``source`` have a week code in no range, and the first such rows."""
    weeks = file.register.weeks
    assert weeks is not None
    code = Column("week_code", "VARCHAR", "Code of one week.")
    given = [
        f"trim({value_expression(quote_identifier(name), file.types[name], code)})"
        for name in (file.columns[week] for week in file.week_columns)
    ]
    connection.execute(
        'CREATE OR REPLACE TEMP TABLE week_list AS SELECT "row in file" AS row_number,'
        f" list_distinct([{', '.join(given)}]) AS codes FROM {source}"
    )
    row = connection.execute(
        "SELECT count(*), min(row_number, ?) FROM week_list WHERE list_has_any(codes, ("
        " SELECT list(week_code) FROM (SELECT DISTINCT unnest(codes) AS week_code FROM week_list)"
        f" ANTI JOIN codes.{weeks.code_list} AS code"
        " ON week_code BETWEEN code.code_first AND code.code_last"
        " AND length(week_code) = length(code.code_first) WHERE week_code <> ''))",
        [n_samples],
    ).fetchone()
    connection.execute("DROP TABLE week_list")
    assert row is not None
    return int(row[0]), list(row[1] or [])


def delete_bad_runs(connection: duckdb.DuckDBPyConnection, register: Register) -> None:
    """Remove the runs of rows noted in ``bad_row``."""
    connection.execute(
        f"DELETE FROM {register.table}_run WHERE row_number IN (SELECT row_number FROM bad_row)"
    )
