"""Building what lies on top of raw: code lists, core and mart."""

from __future__ import annotations

from collections.abc import Callable

import duckdb

from pipeline import codes
from pipeline.settings import Settings
from pipeline.warehouse.sqlfiles import SqlFile, read_folder, run_sql_files


def build_codes(connection: duckdb.DuckDBPyConnection) -> None:
    """Make ``codes.<list>`` for every code list; empty fields become null."""
    run_sql_files(connection, read_folder("codes"))
    for name in codes.NAMES:
        frame = codes.code_list(name)
        marks = ", ".join(["nullif(?, '')"] * frame.shape[1])
        connection.executemany(
            f"INSERT INTO codes.{name} VALUES ({marks})", frame.astype(object).to_numpy().tolist()
        )


def set_variables(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Set the variables that core and mart read with ``getvariable``."""
    for name, value in (
        ("years_at_risk", list(settings.years)),
        ("age_first", settings.age_first),
        ("age_last", settings.age_last),
        ("tenure_lookback_years", settings.tenure_lookback_years),
        ("health_lookback_years", settings.health_lookback_years),
    ):
        connection.execute(f"SET VARIABLE {name} = ?", [value])


def build_core_and_mart(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    progress: Callable[[str], None] = lambda _: None,
) -> list[SqlFile]:
    """Return the files of core and mart after running them over raw, in build order."""
    set_variables(connection, settings)
    files = [*read_folder("core"), *read_folder("mart")]
    run_sql_files(connection, files, progress)
    return files
