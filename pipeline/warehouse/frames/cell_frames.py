"""Frames of cells in a tenth of the memory: text as categories, made while DuckDB streams.

A national table has millions of cells and a dozen text columns. As Python strings they are
gigabytes; here a batch at a time becomes one or two bytes per value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

#: Rows that DuckDB hands over at a time.
BATCH_ROWS = 131_072


def frame_of_batches(
    batches: Iterable[pa.RecordBatch], schema: pa.Schema, categories: Mapping[str, Sequence[str]]
) -> pd.DataFrame:
    """Return one frame of all batches, rows in their order, columns as in ``schema``.

    Text becomes categorical with the ``categories`` of its column, in that order; a value that is
    not among them is missing. A text column without any gets the values that occur, sorted.
    Numbers stay as they are. Missing text is missing.
    """
    parts: dict[str, list[np.ndarray]] = {name: [] for name in schema.names}
    texts = {field.name for field in schema if pa.types.is_string(field.type)}
    numbers = {
        name: {value: n for n, value in enumerate(categories.get(name, ()))} for name in texts
    }
    for batch in batches:
        for name, column in zip(schema.names, batch.columns, strict=True):
            if name in texts:
                parts[name].append(_codes(column, numbers[name], name not in categories))
            else:
                parts[name].append(column.to_numpy(zero_copy_only=False).copy())
    frame: dict[str, Any] = {}
    for field in schema:
        name = field.name
        whole = np.concatenate([*parts.pop(name), np.empty(0, _dtype(field, name in texts))])
        if name in texts:
            labels = pd.Categorical.from_codes(whole, pd.Index(list(numbers[name]), dtype="str"))
            is_open = name not in categories
            frame[name] = labels.reorder_categories(sorted(numbers[name])) if is_open else labels
        else:
            frame[name] = whole
    return pd.DataFrame(frame)


def _codes(column: pa.Array, number_of: dict[str, int], may_grow: bool) -> np.ndarray:
    """Return the (n,) category number of each value, -1 for missing and unknown ones."""
    coded = column.dictionary_encode()
    values = coded.dictionary.to_pylist()
    if may_grow:
        for value in values:
            number_of.setdefault(value, len(number_of))
    numbers = np.array([*(number_of.get(value, -1) for value in values), -1], dtype=np.int16)
    return np.asarray(numbers[coded.indices.fill_null(len(values)).to_numpy()])


def _dtype(field: pa.Field, is_text: bool) -> np.dtype:
    return np.dtype(np.int16) if is_text else np.dtype(field.type.to_pandas_dtype())
