"""Cells streamed in batches: the same frame in any cut, the same fit as in memory."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from fabricated_cells import make_cells, make_specification, spread

from pipeline.model.logit.factor_logit import fit_factor_logit
from pipeline.model.logit.factor_rows import ArrowBlocks
from pipeline.model.national.cells import code_cells
from pipeline.model.national.design import MUNICIPALITY, build_design
from pipeline.model.national.first_stage import fit_logit
from pipeline.warehouse.frames.cell_frames import frame_of_batches

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


def test_cells_streamed_from_duckdb_give_the_nights_fit_to_the_last_bit() -> None:
    cells = make_cells(spread(6), persons=3_000)
    cells["year"] = cells["year"].astype(str)
    specification = make_specification()
    table = code_cells(cells, specification, sorted(set(cells["municipality_code"])))
    design = build_design(table, "within", specification)
    kept = fit_logit(design)
    names = {MUNICIPALITY: "municipality_code"}
    factors = [replace(f, name=names.get(f.name, f.name)) for f in design.factors]
    with duckdb.connect() as connection:
        connection.register("cell", cells.sample(frac=1, random_state=3))
        query = connection.sql("SELECT * FROM cell WHERE n_persons > 0")
        blocks = ArrowBlocks(
            lambda: query.to_arrow_reader(40), factors, events="n_events", trials="n_persons"
        )
        streamed = fit_factor_logit(blocks, factors, in_memory=False)
    assert np.array_equal(streamed.coefficients, kept.coefficients)
    assert np.array_equal(streamed.covariance, kept.covariance)
