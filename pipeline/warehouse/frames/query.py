"""One query, one frame."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.warehouse.database.connection import connect


def frame_of(path: Path, sql: str, parameters: Sequence[Any] = ()) -> pd.DataFrame:
    """Return what ``sql`` answers on the database ``path``, opened to read and closed again."""
    with connect(path, read_only=True) as connection:
        return connection.execute(sql, list(parameters)).df()
