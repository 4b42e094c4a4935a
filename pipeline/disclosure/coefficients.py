"""Grants per level of a factor, beside the model's coefficients."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.disclosure.lines import is_small, protect_rows


def suppress_coefficients(coefficient: pd.DataFrame, *, threshold: int) -> pd.DataFrame:
    """Return ``coefficient`` with ``n_events`` missing where it, or its neighbours, would be small.

    The levels of a term add up to all grants, so within outcome, model and term the withheld
    levels are at least two and add up to at least ``threshold``. Rows and order are kept;
    ``n_events`` becomes a nullable integer.
    """
    result = coefficient.reset_index(drop=True)
    events = result["n_events"].astype("Int64")
    numbers = events.fillna(0).to_numpy(dtype=np.int64)
    is_counted = events.notna().to_numpy()
    withheld = pd.Series(False, index=result.index)
    for rows in result.groupby(["outcome", "model", "term"], sort=False).indices.values():
        counted = rows[is_counted[rows]]
        counts = numbers[counted][None]
        mask = is_small(counts, threshold)
        protect_rows(counts, mask, threshold)
        withheld.iloc[counted] = mask[0]
    result["n_events"] = events.mask(withheld)
    return result.set_axis(coefficient.index)
