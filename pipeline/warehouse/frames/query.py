"""One query, one frame."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.settings import Settings
from pipeline.warehouse.database.connection import connect
from pipeline.warehouse.marts.current import mart_of


def frame_of_mart(
    path: Path, settings: Settings | None, sql: str, parameters: Sequence[Any] = ()
) -> pd.DataFrame:
    """Return what ``sql`` answers with the mart of the benchmark of ``settings`` for ``{mart}``.

    Without settings with the first benchmark's, else within their memory and threads.
    """
    with connect(path, read_only=True, **limits_of(settings)) as connection:
        asked = sql.format(mart=mart_of(connection, settings))
        return connection.execute(asked, list(parameters)).df()


def limits_of(settings: Settings | None) -> dict[str, Any]:
    """Return the memory and threads that ``settings`` give DuckDB, as arguments of ``connect``."""
    if settings is None:
        return {}
    return {"memory_limit": settings.memory_limit, "threads": settings.threads}


def frame_of(path: Path, sql: str, parameters: Sequence[Any] = ()) -> pd.DataFrame:
    """Return what ``sql`` answers on the database ``path``, opened to read and closed again."""
    with connect(path, read_only=True) as connection:
        return connection.execute(sql, list(parameters)).df()
