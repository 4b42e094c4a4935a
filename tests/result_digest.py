"""One line per column of the result tables: what it takes to see that a published number moved.

A hash would say that something changed and not what. Numbers are summed with weights by the row's
place in the order of the key, so that rows that trade values show, and are written to nine digits;
texts are hashed. ``run_id``, times and texts with times or paths are left out.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from pipeline.catalogue import catalogue

#: Tables that name the run, its settings and its files.
LEFT_OUT = ("run", "setting", "data_quality")
_PERIOD = 97  # prime, so that the weights of neighbours and of like rows of two groups differ


def digest(database: Path) -> str:
    """Return the lines of all result tables of the release at ``database``."""
    lines = []
    with duckdb.connect(str(database), read_only=True) as connection:
        for name, table in catalogue().items():
            if name in LEFT_OUT:
                continue
            keys = ", ".join(f'"{column}"' for column in table.key_within_run) or "ALL"
            frame = connection.execute(f"SELECT * FROM result.{name} ORDER BY {keys}").df()
            lines.append(f"{name}: {len(frame)} rows")
            lines += [
                f"  {column}: {frame[column].notna().sum()} of {checksum(frame[column])}"
                for column in frame.columns
                if column != "run_id"
            ]
    return "\n".join(lines) + "\n"


def checksum(values: pd.Series) -> str:
    """Return the sum of ``values`` weighted by their place, or a hash where they are text."""
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        weight = 1 + (np.arange(len(numbers)) % _PERIOD) / _PERIOD
        return f"{np.nansum(numbers * weight):.9g}"
    text = "\x1f".join(
        "" if missing else str(value) for value, missing in zip(values, values.isna(), strict=True)
    )
    return hashlib.sha256(text.encode()).hexdigest()[:12]
