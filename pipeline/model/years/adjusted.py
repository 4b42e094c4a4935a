"""Grants of many years against what the composition of the window lets expect of them.

Risk factors are read for the window alone. Of other years grants and residents are known: a place's
expected grants per resident in the window, times its residents of the year, times what makes the
country's expected grants of the year as many as its grants. What a place's composition has moved
relative to the country's since then is in its ratio.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class AdjustedYears:
    """(M, T) grants as they are shown and expected at the country's level of each of ``years``.

    Where a count is not shown ``observed`` is nan and ``expected`` 0. ``noise_variance`` is of the
    counts, 0 where it is not known. ``of_year`` (T,) is what made the country's expected grants of
    a year its grants.
    """

    years: tuple[int, ...]
    observed: np.ndarray
    expected: np.ndarray
    noise_variance: np.ndarray
    of_year: np.ndarray | None = None

    @property
    def counted(self) -> np.ndarray:
        """(M, T) grants, 0 where not shown."""
        return np.nan_to_num(self.observed)


def adjusted_years(
    history: pd.DataFrame, rows: pd.DataFrame, years: Sequence[int], window: Sequence[int]
) -> AdjustedYears:
    """Return the grants of ``years`` of the municipalities of ``rows``, and what is expected.

    ``history`` are rows of ``grant_history`` of one outcome as shown, ``rows`` those of
    ``benchmark`` of one outcome and model, whose order is kept; ``window`` the years they are of.
    A municipality without residents in the window has nothing expected.
    """
    table = history.assign(observed=history["observed"].astype("Float64").astype(float)).pivot(
        index="municipality_code", columns="year", values=["residents", "observed", "noise_sd"]
    )
    table = table.reindex(list(rows["municipality_code"]))
    lived = table["residents"][list(window)].to_numpy(dtype=float).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        composition = rows["expected"].to_numpy(dtype=float) / lived
    residents, observed, noise = (
        table[name][list(years)].to_numpy(dtype=float)
        for name in ("residents", "observed", "noise_sd")
    )
    expected = np.where(np.isfinite(observed), residents * composition[:, None], 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        of_year = np.nansum(observed, axis=0) / np.nansum(expected, axis=0)
    return AdjustedYears(
        tuple(years),
        observed,
        np.nan_to_num(expected * of_year),
        np.nan_to_num(noise) ** 2,
        of_year,
    )
