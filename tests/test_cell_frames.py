"""Frames made of streamed batches hold what the table holds, in any cut."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from pipeline.warehouse.cell_frames import frame_of_batches

TABLE = pa.table(
    {
        "year": pa.array([2006, 2007, 2007, 2006, 2006], pa.int32()),
        "sex": ["male", None, "female", "other", "male"],
        "group": ["b", "a", None, "c", "a"],
        "n_persons": pa.array([5, 4, 3, 2, 1], pa.int64()),
    }
)
CATEGORIES = {"sex": ("male", "female")}


@pytest.mark.parametrize("rows", [1, 2, 5, 100])
def test_batches_of_any_size_make_the_same_frame(rows: int) -> None:
    frame = frame_of_batches(TABLE.to_batches(rows), TABLE.schema, CATEGORIES)
    assert list(frame["sex"].cat.categories) == ["male", "female"]
    # A value without a category is missing, and refused by whoever needs it.
    assert frame["sex"].isna().tolist() == [False, True, False, True, False]
    assert list(frame["group"].cat.categories) == ["a", "b", "c"]
    assert frame["group"].astype(object).tolist() == ["b", "a", np.nan, "c", "a"]
    assert frame["year"].tolist() == TABLE["year"].to_pylist()
    assert frame["n_persons"].dtype == np.int64
    assert frame["n_persons"].sum() == 15


def test_no_batches_make_an_empty_frame_with_the_same_types() -> None:
    empty = frame_of_batches([], TABLE.schema, CATEGORIES)
    full = frame_of_batches(TABLE.to_batches(), TABLE.schema, CATEGORIES)
    assert len(empty) == 0
    assert isinstance(empty["sex"].dtype, pd.CategoricalDtype)
    assert empty.drop(columns="group").dtypes.equals(full.drop(columns="group").dtypes)
