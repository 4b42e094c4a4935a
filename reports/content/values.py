"""Cells of a frame as plain Python values, and categories in reporting order."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any, TypeVar

import pandas as pd

T = TypeVar("T")


def real(value: Any) -> float | None:
    """Return ``value`` as a finite float, else None."""
    if value is None or value is pd.NA or pd.isna(value):
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def whole(value: Any) -> int | None:
    """Return ``value`` as an int, None where it is missing."""
    number = real(value)
    return None if number is None else round(number)


def text(value: Any) -> str | None:
    """Return ``value`` as text, None where it is missing."""
    return None if value is None or pd.isna(value) else str(value)


def in_order(values: Iterable[Any], order: tuple[str, ...]) -> tuple[str, ...]:
    """Return the distinct values, known ones in ``order`` first, then the others by name."""
    present = {str(value) for value in values}
    return (*(value for value in order if value in present), *sorted(present.difference(order)))


def in_order_of(
    items: Iterable[T], order: tuple[str, ...], name: Callable[[T], str]
) -> tuple[T, ...]:
    """Return ``items`` by the place of their ``name`` in ``order``; unknown names come last."""
    places = {known: place for place, known in enumerate(order)}
    return tuple(sorted(items, key=lambda item: places.get(name(item), len(places))))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of ``frame`` as dictionaries; quick for many rows."""
    columns = [str(name) for name in frame.columns]
    values = (frame[name].tolist() for name in columns)
    return [dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)]


#: How a cell becomes a field, by the field's annotation.
_READERS: dict[str, Callable[[Any], Any]] = {
    "str": lambda value: text(value) or "",
    "str | None": text,
    "int": int,
    "int | None": whole,
    "float": float,
    "float | None": real,
}


def rows_of(kind: type[T], frame: pd.DataFrame) -> tuple[T, ...]:
    """Return the rows of ``frame`` as dataclasses ``kind``, each field from the column of its name.

    Text that is missing becomes empty, a number that may be missing None. Raises ``KeyError`` for
    a field without a column or of another type than these.
    """
    readers = [(field.name, _READERS[str(field.type)]) for field in fields(kind)]  # type: ignore[arg-type]
    return tuple(
        kind(**{name: read(row[name]) for name, read in readers})
        for row in frame.to_dict("records")
    )


def stands_out(flag: str | None, discovery: str | None) -> str | None:
    """Return the direction in which a municipality stands out, None for one that does not.

    Both the flag after widened limits and the one after testing all must say so; a release of
    before the second has the first only.
    """
    if flag not in ("low", "high"):
        return None
    return flag if discovery in (flag, None) else None


def summed(rows: pd.DataFrame) -> tuple[int, float]:
    """Return what ``rows`` have observed in all, and the standard deviation of its noise."""
    noise = rows.get("noise_sd", pd.Series(dtype=float))
    return int(rows["observed"].sum()), math.hypot(*noise.fillna(0.0))
