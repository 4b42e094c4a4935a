"""Flags that keep the share of false ones among them down, over all units or units and cells.

Benjamini, Y. & Hochberg, Y. (1995). Controlling the false discovery rate. JRSS B 57, 289-300.
Benjamini, Y. & Bogomolov, M. (2014). Selective inference on multiple families of hypotheses. JRSS B
76, 297-318. Simes, R. J. (1986). An improved Bonferroni procedure for multiple tests of
significance. Biometrika 73, 751-754.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.model.inference.funnel import benjamini_hochberg, flag_units

Floats = NDArray[np.float64]
Flags = NDArray[np.str_]


def flag_discoveries(
    p_value: ArrayLike, observed: ArrayLike, expected: ArrayLike, rate: float = 0.05
) -> Flags:
    """Return (n,) flags ``high``, ``low``, ``within``: on average ``rate`` of those made are false.

    The side is that of observed against expected; a missing p-value flags nothing. Raises
    :class:`ValueError` for a rate not within 0-1.
    """
    return flag_units(benjamini_hochberg(p_value), observed, expected, 1 - rate)


def flag_cells(
    p_value: ArrayLike, observed: ArrayLike, expected: ArrayLike, rate: float = 0.05
) -> Flags:
    """Return (M, C) flags of the C cells of M units: which units, and what in them, stand out.

    First whole units are selected: Benjamini and Hochberg's procedure at ``rate`` over each unit's
    Simes p-value. Then cells within each selected unit at ``rate`` times the share selected, so
    that the false share within a selected unit is ``rate`` on average over those selected. Missing
    p-values are no tests. Raises :class:`ValueError` unless the three are equal (M, C) tables.
    """
    p = np.asarray(p_value, dtype=np.float64)
    o, e = np.asarray(observed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    if p.ndim != 2 or not p.shape == o.shape == e.shape:
        raise ValueError(f"tables of {p.shape}, {o.shape} and {e.shape} are not of one shape")
    adjusted = np.array([benjamini_hochberg(row) for row in p]).reshape(p.shape)
    tested = ~np.isnan(p).all(axis=1)
    simes = np.where(tested, np.nanmin(np.where(np.isnan(adjusted), np.inf, adjusted), axis=1), 1.0)
    overall = benjamini_hochberg(np.where(tested, simes, np.nan))
    selected = tested & (np.where(tested, overall, 1.0) < rate)
    within = rate * selected.sum() / max(int(tested.sum()), 1)
    shown = np.where(selected[:, None] & (adjusted < within), 0.0, 1.0)
    return flag_units(shown, o, e, 0.95)
