"""What SQL files use beside tables: variables that settings fill, and macros of the connection."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import duckdb

from pipeline.warehouse.database.sqlfiles import SqlFile, read_folder


@cache
def session_files() -> tuple[SqlFile, ...]:
    """Return the files of macros, which belong to a connection and to no database."""
    return tuple(read_folder("session"))


def set_values(connection: duckdb.DuckDBPyConnection, variables: Mapping[str, Any]) -> None:
    """Set ``variables``, by name, which files read with ``getvariable``, and make the macros."""
    for name, value in variables.items():
        connection.execute(f"SET VARIABLE {name} = ?", [value])
    for file in session_files():
        connection.execute(file.text)
