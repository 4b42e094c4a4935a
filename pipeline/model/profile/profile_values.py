"""Values of a table's columns: names as spelled, numbers as numbers, and which rows are wrong."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd


def natural_key(text: str) -> tuple[object, ...]:
    """Return a sort key in which numbers inside text sort by value: ward 2 before ward 10."""
    parts = re.split(r"(\d+)", text)
    numbered = [
        (0, int(part), "") if part.isdecimal() else (1, 0, part.casefold())
        for part in parts
        if part
    ]
    return (numbered, text)


def read_labels(column: pd.Series, faults: list[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return (n,) level numbers and the levels in natural order, as text.

    Rows without a value (or with blanks) are added to ``faults``, and so below.
    """
    if pd.api.types.is_float_dtype(column.dtype) and bool((column.dropna() % 1 == 0).all()):
        column = column.astype("Int64")  # whole numbers beside missing ones
    codes, found = pd.factorize(column)
    texts = [str(value) for value in found]
    blank = [number for number, text in enumerate(texts) if not text.strip()]
    missing = (codes < 0) | np.isin(codes, blank)
    if missing.any():
        faults.append(
            f"{column.name}: {where_wrong(missing)} without a value; give what is missing a level"
        )
    levels = tuple(sorted(set(texts), key=natural_key))
    number_of = {level: number for number, level in enumerate(levels)}
    renumbered = np.array([number_of[text] for text in texts] or [0], dtype=np.int64)
    return renumbered[np.maximum(codes, 0)], levels


def read_numbers(column: pd.Series, faults: list[str]) -> np.ndarray:
    """Return (n,) float values; text may have a decimal comma."""
    given = column
    missing = given.isna().to_numpy()
    if not (pd.api.types.is_numeric_dtype(given.dtype) or pd.api.types.is_bool_dtype(given.dtype)):
        text = given.astype("string").str.strip().str.replace(",", ".", regex=False)
        missing = missing | (text == "").fillna(True).to_numpy(dtype=bool)
        given = pd.to_numeric(text, errors="coerce")
    values = given.to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~np.isfinite(values) & ~missing
    if missing.any():
        faults.append(f"{column.name}: {where_wrong(missing)} without a value")
    if wrong.any():
        faults.append(f"{column.name}: {where_wrong(wrong)} without a finite number")
    return np.where(np.isfinite(values), values, 0.0) + 0.0


def where_wrong(wrong: np.ndarray) -> str:
    """Return how many rows and which: 3 rows (row 4, 17, 18)."""
    rows = np.flatnonzero(wrong) + 1
    shown = ", ".join(str(row) for row in rows[:5]) + (", ..." if len(rows) > 5 else "")
    return f"{len(rows):,} row{'s' if len(rows) > 1 else ''} ({shown})"
