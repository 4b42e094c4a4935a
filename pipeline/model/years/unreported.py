"""Years of a municipality whose decisions did not reach the register, said once for all questions.

A year that is not judged counts as reported.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

_KEY = ["municipality_code", "year"]


def unreported_years(reporting: pd.DataFrame) -> pd.DataFrame:
    """Return municipality_code and year of the rows of ``reporting`` that are not reported.

    ``reporting`` has those and is_reported, as result table ``completeness``.
    """
    return reporting.loc[~reporting["is_reported"].astype(bool), _KEY].astype({"year": int})


def is_unreported(rows: pd.DataFrame, unreported: pd.DataFrame) -> np.ndarray:
    """Return whether each of ``rows`` is of a year in ``unreported`` (municipality_code, year)."""
    keys = pd.MultiIndex.from_frame(rows[_KEY].astype({"year": int}))
    return np.asarray(keys.isin(pd.MultiIndex.from_frame(unreported[_KEY])), dtype=bool)


def mask_unreported(
    rows: pd.DataFrame, unreported: pd.DataFrame, names: Sequence[str]
) -> pd.DataFrame:
    """Return ``rows`` with the counts ``names``, as floats, missing in the years unreported."""
    hidden = is_unreported(rows, unreported)
    counts = {name: rows[name].astype("Float64").astype(float).mask(hidden) for name in names}
    return rows.assign(**counts)
