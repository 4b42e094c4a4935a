"""Building what lies on top of raw: code lists, core and mart."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from pipeline import codes
from pipeline.codes.corrections import lists_in
from pipeline.registers import REGISTERS, Register
from pipeline.registers.coverage import needed_years
from pipeline.settings import Settings
from pipeline.warehouse.database.connection import quote_identifier, quote_text, transaction
from pipeline.warehouse.database.session import set_values
from pipeline.warehouse.database.sqlfiles import (
    SqlFile,
    analysis_files,
    read_folder,
    run_sql_files,
)
from pipeline.warehouse.marts.increment import Plan, drop_objects, in_order
from pipeline.warehouse.raw.pseudonymkey import LETTERS

if TYPE_CHECKING:
    from pipeline.warehouse.marts.questions import Mart


def build_codes(
    connection: duckdb.DuckDBPyConnection,
    names: Collection[str] = codes.NAMES,
    folder: Path | None = None,
) -> None:
    """Make schema ``codes`` anew with the code lists ``names``; empty fields become null.

    Lists in ``folder`` stand in place of those that ship; SettingsError when they cannot be used.

    The view over several of them is there when all are.
    """
    of_user = lists_in(folder)
    connection.execute("DROP SCHEMA IF EXISTS codes CASCADE")
    is_whole = set(names) == set(codes.NAMES)
    run_sql_files(
        connection, [file for file in read_folder("codes") if is_whole or file.path.stem in names]
    )
    for name in names:
        frame = of_user[name] if name in of_user else codes.code_list(name)
        columns = ", ".join(f"nullif({quote_identifier(str(column))}, '')" for column in frame)
        connection.register("code_list", pa.Table.from_pandas(frame, preserve_index=False))
        connection.execute(f"INSERT INTO codes.{name} SELECT {columns} FROM code_list")
        connection.unregister("code_list")


def build_analysis(connection: duckdb.DuckDBPyConnection) -> None:
    """Make schema ``analysis`` anew: views and macros over core and mart, which hold no data."""
    connection.execute("DROP SCHEMA IF EXISTS analysis CASCADE")
    run_sql_files(connection, analysis_files("registers"))


def variables_of(settings: Settings) -> dict[str, Any]:
    """Return the variables that core, mart and checks read with ``getvariable``, by name."""
    return {
        **settings.question.variables(),
        "max_unknown_week_share": settings.max_unknown_week_share,
        "lookback_need": [
            {"register": register.name, "year": year}
            for register in REGISTERS
            for year in needs_of(register, settings)
        ],
        "record_letters": LETTERS,
        "low_match_share": settings.low_match_share,
        "min_match_share": settings.min_match_share,
        "min_size_share": settings.min_size_share,
        "max_drift_share": settings.max_drift_share,
    }


def needs_of(register: Register, settings: Settings) -> tuple[int, ...]:
    """Return the years of ``register`` that the benchmark of ``settings`` needs."""
    return needed_years(
        register,
        settings.years,
        tenure_years=settings.question.lookback.tenure_years,
        health_years=settings.question.lookback.health_years,
    )


def set_variables(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Set the variables that core, mart and checks read with ``getvariable``."""
    set_values(connection, variables_of(settings))


def build_core_and_mart(
    connection: duckdb.DuckDBPyConnection,
    plan: Plan,
    marts: Sequence[Mart],
    progress: Callable[[str], None] = lambda _: None,
) -> list[SqlFile]:
    """Return the files of core and of each of ``marts`` that were stale, in the order they ran.

    The schema for analysts is made anew over core and the first of them.
    """
    with transaction(connection):
        drop_objects(connection, plan.gone | {name for name in plan.stale if is_built(name)})
    stale = in_order(read_folder("core"), plan)
    _build(connection, stale, progress)
    for mart in marts:
        set_values(connection, mart.variables)
        of_mart = in_order(mart.files, plan)
        _build(connection, of_mart, progress)
        stale += of_mart
    with transaction(connection):
        comment_factors(connection)
        build_analysis(connection)
    return stale


def _build(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[SqlFile],
    progress: Callable[[str], None],
) -> None:
    """Run ``files``, each in a transaction of its own.

    The database is not in place yet, so nobody sees it half built. A whole country was loaded so;
    for a small one a single transaction takes as long.
    """
    for file in files:
        with transaction(connection):
            run_sql_files(connection, [file], progress)


def is_built(name: str) -> bool:
    """Return whether the object ``name`` is of core or of a mart."""
    return name.startswith(("core.", "mart.", "mart_"))


def comment_factors(connection: duckdb.DuckDBPyConnection) -> None:
    """Give the factors' columns in mart, which follow the benchmark, the comment of person_year."""
    for table, column, comment in connection.execute(
        "SELECT concat(c.schema_name, '.', c.table_name),"
        " c.column_name, p.comment"
        " FROM duckdb_columns() AS c INNER JOIN duckdb_columns() AS p"
        " ON c.column_name = p.column_name AND c.schema_name = p.schema_name"
        " AND p.table_name = 'person_year'"
        " AND c.database_name = p.database_name"
        " WHERE c.comment IS NULL AND p.comment IS NOT NULL"
        " AND c.database_name = current_database() AND starts_with(c.schema_name, 'mart')"
        " ORDER BY ALL"
    ).fetchall():
        place = f"{table}.{quote_identifier(column)}"
        connection.execute(f"COMMENT ON COLUMN {place} IS {quote_text(comment)}")
