"""Values of tables as the cells of a workbook."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd


def plain_column(column: pd.Series, label: Callable[[str], str] | None) -> list[Any]:
    """Return the values of a column as :func:`plain` does."""
    values = column.tolist()
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iub":
        return values
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "f":
        return [value if math.isfinite(value) else None for value in values]
    known = cache(label) if label else None
    missing = column.isna().tolist()
    return [
        None if is_missing else plain(value, known)
        for value, is_missing in zip(values, missing, strict=True)
    ]


def plain(value: Any, label: Callable[[str], str] | None) -> Any:
    """Return a value that is there as bool, int, float or text; text through ``label``."""
    if isinstance(value, str):
        return label(value) if label else value
    if isinstance(value, bool | int):
        return value
    number = float(value)
    return None if number in (float("inf"), float("-inf")) else number
