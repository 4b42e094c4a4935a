"""Values of a table's columns: names as spelled, numbers as numbers, and which rows are wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

#: What a CSV file may say instead of nothing, outside quotes; such rows are refused, not dropped.
MISSING = ("", "NA", "NaN", "nan", "NULL", "null")
#: Whole numbers beyond this are not told apart by double precision.
LARGEST_WHOLE = float(2**53)
#: A longer name is a fault of the file (a quote that never ends), not a name.
LONGEST_NAME = 1_000

_THOUSANDS = r"[+-]?[1-9]\d{0,2}(?:[.,]\d{3})+"
_TRUTH = {"true": "1", "false": "0"}


def natural_key(text: str) -> tuple[object, ...]:
    """Return a sort key in which numbers inside text sort by value: ward 2 before ward 10."""
    parts = re.split(r"([0-9]+)", text)
    numbered = [
        (0, len(part.lstrip("0")), part.lstrip("0"))
        if part[0] in "0123456789"
        else (1, 0, part.casefold())
        for part in parts
        if part
    ]
    return (numbered, text)


def read_labels(column: pd.Series, faults: list[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return (n,) level numbers and the levels in natural order, as text.

    Rows without a value (or with blanks), and those whose value cannot be a name, are added to
    ``faults``, and so below.
    """
    if pd.api.types.is_float_dtype(column.dtype):
        numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
        vague = np.abs(numbers) > LARGEST_WHOLE
        if vague.any():
            faults.append(
                f"{column.name}: {where_wrong(vague)} with numbers too large to be names (they are "
                "not told apart); give them as text"
            )
            return np.zeros(len(column), dtype=np.int64), ("",)
        if not (numbers % 1)[~np.isnan(numbers)].any():
            column = column.astype("Int64")  # whole numbers beside missing ones
    codes, values = _distinct(column, faults)
    texts = [str(value) for value in values]
    blank = [number for number, text in enumerate(texts) if not text.strip()]
    missing = (codes < 0) | np.isin(codes, blank)
    if missing.any():
        unquoted = ", ".join(MISSING[1:])
        faults.append(
            f"{column.name}: {where_wrong(missing)} without a value (in a CSV file also {unquoted} "
            "unless quoted); give what is missing a level"
        )
    long = np.isin(codes, [number for number, text in enumerate(texts) if len(text) > LONGEST_NAME])
    if long.any():
        faults.append(
            f"{column.name}: {where_wrong(long)} with a name of more than {LONGEST_NAME:,} letters"
        )
    levels = tuple(sorted(set(texts), key=natural_key))
    number_of = {level: number for number, level in enumerate(levels)}
    renumbered = np.array([number_of[text] for text in texts] or [0], dtype=np.int64)
    return renumbered[np.maximum(codes, 0)], levels


def read_numbers(
    frame: pd.DataFrame, names: Sequence[str], faults: list[str]
) -> dict[str, np.ndarray]:
    """Return (n,) float values of each of the columns ``names``.

    Text may have a decimal comma or a decimal point, but all columns the same, and no marks
    between thousands; true and false are 1 and 0.
    """
    marked: dict[str, list[tuple[str, np.ndarray]]] = {",": [], ".": []}
    numbers = {name: _read_column(frame[name], marked, faults) for name in names}
    if marked[","] and marked["."]:
        kinds = [
            f"a {'comma' if mark == ',' else 'point'} in "
            + ", ".join(f"{name} {where_wrong(rows)}" for name, rows in marked[mark])
            for mark in marked
        ]
        faults.append(
            f"numbers with {' and with '.join(kinds)}: one of the two marks may stand between "
            "thousands, and nobody can know which"
        )
    return numbers


def thousands_fault(column: pd.Series, mark: str) -> str | None:
    """Return a fault if every ``mark`` in a column of text may stand between thousands."""
    codes, values = pd.factorize(column)
    text = pd.Series(values, dtype="string").str.strip()
    has_mark = text.str.contains(mark, regex=False).to_numpy(dtype=bool)
    if not has_mark.any() or not text[has_mark].str.fullmatch(_THOUSANDS).all():
        return None
    rows = (codes >= 0) & has_mark[np.maximum(codes, 0)]
    return (
        f"{column.name}: {where_wrong(rows)} with a mark that may stand between thousands (10,400 "
        "beside 900); write such numbers without it, or decimals in every row"
    )


def _read_column(
    column: pd.Series, marked: dict[str, list[tuple[str, np.ndarray]]], faults: list[str]
) -> np.ndarray:
    dtype = column.dtype
    if pd.api.types.is_bool_dtype(dtype) or (
        pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_complex_dtype(dtype)
    ):
        missing = column.isna().to_numpy()
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        codes, distinct = _distinct(column, faults)
        text = pd.Series(distinct, dtype="string").str.strip()
        text = text.replace(_TRUTH | {name.capitalize(): value for name, value in _TRUTH.items()})
        # Where no row has a value, an empty one stands for those that are missing.
        text = text if len(text) else pd.Series([""], dtype="string")
        missing = (codes < 0) | text.isin(MISSING).to_numpy(dtype=bool)[np.maximum(codes, 0)]
        number = pd.to_numeric(text.str.replace(",", ".", regex=False), errors="coerce")
        parsed = number.to_numpy(dtype=np.float64, na_value=np.nan)
        values = np.where(missing, np.nan, parsed[np.maximum(codes, 0)])
        for mark, columns in marked.items():
            has_mark = text.str.contains(mark, regex=False).to_numpy(dtype=bool)
            if (has_mark & np.isfinite(parsed)).any():
                columns.append((str(column.name), (codes >= 0) & has_mark[np.maximum(codes, 0)]))
                unmarked = (~has_mark & np.isfinite(parsed)).any()
                fault = thousands_fault(column, mark) if unmarked else None
                faults += [fault] if fault else []
    wrong = ~np.isfinite(values) & ~missing
    if missing.any():
        faults.append(f"{column.name}: {where_wrong(missing)} without a value")
    if wrong.any():
        faults.append(f"{column.name}: {where_wrong(wrong)} without a finite number")
    return np.where(np.isfinite(values), values, 0.0) + 0.0


def _distinct(column: pd.Series, faults: list[str]) -> tuple[np.ndarray, list[object]]:
    """Return (n,) numbers of the distinct values, -1 for a missing one, and the values."""
    try:
        codes, values = pd.factorize(column)
    except TypeError:  # lists, records
        faults.append(f"{column.name}: nested values; expected one number or text in each row")
        return np.zeros(len(column), dtype=np.int64), ["0"]
    if any(isinstance(value, bytes | tuple | complex) for value in values):
        faults.append(f"{column.name}: values that are neither numbers nor text")
        return np.zeros(len(column), dtype=np.int64), ["0"]
    return codes, list(values)


def where_wrong(wrong: np.ndarray) -> str:
    """Return how many rows and which: 3 rows (row 4, 17, 18)."""
    rows = np.flatnonzero(wrong) + 1
    shown = ", ".join(str(row) for row in rows[:5]) + (", ..." if len(rows) > 5 else "")
    return f"{len(rows):,} row{'s' if len(rows) > 1 else ''} ({shown})"
