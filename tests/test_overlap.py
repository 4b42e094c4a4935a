"""How far a municipality's people are like the country's."""

from __future__ import annotations

import numpy as np
import pandas as pd
from fabricated_cells import LEVELS, make_cells, make_specification

from pipeline.model.national.cells import code_cells
from pipeline.model.national.fitted import fit_within
from pipeline.model.tables.overlap import overlap_frame


def overlap(cells: pd.DataFrame) -> pd.DataFrame:
    specification = make_specification()
    table = code_cells(cells, specification, sorted(set(cells["municipality_code"])))
    frame = overlap_frame("FP", fit_within(table, specification), table)
    return frame.set_index("municipality_code")


def even_cells() -> pd.DataFrame:
    """Return cells in which every municipality has the same people."""
    cells = make_cells(np.zeros(10), seed=1, persons=4_000)
    first = cells.loc[cells["municipality_code"] == "100", "n_persons"].to_numpy()
    cells["n_persons"] = np.tile(first, 10) + 20
    cells["n_events"] = np.random.default_rng(1).binomial(cells["n_persons"], 0.05)
    return cells


def test_the_same_people_overlap_wholly() -> None:
    frame = overlap(even_cells())
    np.testing.assert_allclose(frame["overlap_share"], 1.0, atol=1e-9)
    assert (frame["rare_share"] == 0).all()


def test_people_of_another_kind_overlap_less_and_kinds_of_one_place_are_rare() -> None:
    cells = even_cells()
    old = cells["age_band"] == LEVELS["age_band"][-1]
    here = cells["municipality_code"] == "105"
    # One municipality has the old almost alone; the others have none with mental illness there.
    cells.loc[here & ~old, "n_persons"] //= 50
    cells["n_events"] = np.minimum(cells["n_events"], cells["n_persons"])
    ill = cells["mental_health"] == "some"
    cells = cells[~(old & ill & ~here)]
    frame = overlap(cells)
    assert frame["overlap_share"].idxmin() == "105"
    assert frame.loc["105", "overlap_share"] < 0.6
    assert frame["overlap_share"].drop("105").min() > 0.8
    assert frame.loc["105", "rare_share"] > 0.4
    assert (frame["rare_share"].drop("105") == 0).all()


def test_grants_change_nothing_but_through_the_fit() -> None:
    """Shares are of expected grants: who was granted does not enter."""
    cells = make_cells(np.linspace(-0.5, 0.5, 10), seed=2, persons=3_000)
    frame = overlap(cells)
    assert frame[["overlap_share", "rare_share"]].to_numpy().min() >= 0
    assert frame[["overlap_share", "rare_share"]].to_numpy().max() <= 1
    again = overlap(cells.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(frame, again)
