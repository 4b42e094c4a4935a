"""Profile units on anyone's table: hospitals, schools, courts; frame in, frame out.

The same engine as the benchmark's: expected counts at the common intercept, effects with their
joint covariance, shrinkage, rank confidence sets and funnel flags.

Spiegelhalter, D. J. (2005). Funnel plots for comparing institutional performance. Statistics in
Medicine 24, 1185-1202. NHS Digital, Summary Hospital-level Mortality Indicator, methodology.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from pipeline.model.inference import funnel
from pipeline.model.inference.ranks import RankSets, rank_sets
from pipeline.model.inference.shrinkage import ShrinkageResult, empirical_bayes
from pipeline.model.numerics.intervals import normal_quantile, poisson_midp, ratio_limits
from pipeline.model.numerics.poisson_binomial import poisson_binomial_midp
from pipeline.model.numerics.shift_limits import shifted_count_limits
from pipeline.model.profile.profile_cells import (
    EXPECTED,
    PROPORTION,
    RATE,
    Cells,
    Columns,
    make_cells,
)
from pipeline.model.profile.profile_effects import UnitEffects, unit_effects
from pipeline.model.tables.frames import round_noise

#: The outer share of the z-scores at each end that phi and the funnel's tau2 leave out (SHMI).
TRUNCATED = 0.1
TAU2_METHOD = "REML"
#: Below this a Poisson-binomial p-value is not known to its digits.
SMALLEST_P = 1e-10

_MODELS = {
    "outcome": "logit of 0/1 rows; expected at the common intercept",
    EXPECTED: "Poisson counts against ready-made expected counts",
    PROPORTION: "logit of counts out of a denominator (every denominator is whole and not below "
    "its count); expected at the common intercept",
    RATE: "Poisson counts per denominator (a denominator is below its count or not whole); "
    "expected at the common intercept",
}


@dataclass(frozen=True)
class Profile:
    """A profile of M units.

    Attributes
    ----------
    table
        One row per unit in natural order: unit, observed, expected, ratio, ratio_low,
        ratio_high, z, p_value, effect, effect_se, effect_shrunk, reliability, rank, rank_low,
        rank_high, rank_low_simultaneous, rank_high_simultaneous, flag_95, flag_998,
        flag_95_overdispersed, flag_998_overdispersed. Effect and its error are missing for a
        unit in which nobody, or everybody, has the event.
    summary
        What holds for all units, as plain values: see ``docs/profile.md``.
    effect_covariance
        (M, M) joint covariance of the effects, units as in ``table``; such units count as if
        half an event had happened (or not).
    """

    table: pd.DataFrame
    summary: dict[str, Any]
    effect_covariance: np.ndarray


def profile_units(
    frame: pd.DataFrame,
    *,
    unit: str,
    outcome: str | None = None,
    observed: str | None = None,
    expected: str | None = None,
    denominator: str | None = None,
    factors: Sequence[str] = (),
    numeric: Sequence[str] = (),
    level: float = 0.95,
    seed: int = 1,
    rank_draws: int = 20_000,
) -> Profile:
    """Return the profile of the units of a table; the arguments but the last three name columns.

    Give ``outcome`` (0/1 per row), or counts ``observed`` with either ``expected`` counts or a
    ``denominator`` (rows of a unit are added). ``factors`` and ``numeric`` are adjusted for by
    their slopes within units. ``level`` is that of limits and rank sets; flags are at 95 and
    99.8 %. Rank 1 is the lowest effect. The numbers do not depend on the order of the rows.

    Raises :class:`~pipeline.errors.TildelingError` for columns, values or models that cannot be
    used, saying which; no row is ever dropped.
    """
    columns = Columns(
        unit, outcome, observed, expected, denominator, tuple(factors), tuple(numeric)
    )
    cells = make_cells(frame, columns)
    found = unit_effects(cells)
    se = np.sqrt(np.diag(found.covariance))
    sets = rank_sets(found.effect, found.covariance, level, rank_draws, seed)
    shrunk = empirical_bayes(
        found.effect, se, level, method=TAU2_METHOD, covariance=found.covariance
    )
    z = found.effect * np.sqrt(found.variance)
    spread = funnel.overdispersion(z, TRUNCATED, 1 / np.sqrt(found.variance), truncate=True)
    table = _table(cells, found, level, se, z, spread.tau2, shrunk, sets)
    settings = {"level": level, "seed": seed, "rank_draws": rank_draws}
    summary = _summary(cells, columns, found, spread, shrunk, z) | settings
    return Profile(table, summary, found.covariance)


def _table(
    cells: Cells,
    found: UnitEffects,
    level: float,
    se: np.ndarray,
    z: np.ndarray,
    funnel_tau2: float,
    shrunk: ShrinkageResult,
    sets: RankSets,
) -> pd.DataFrame:
    observed = cells.by_unit(cells.events)
    p_value = _p_values(cells, found, observed)
    low, high = _ratio_limits(cells, found, observed, level)
    widened = [
        _widened_flags(found, observed, p_value, z, funnel_tau2, flag_level)
        for flag_level in (0.95, 0.998)
    ]
    table = pd.DataFrame(
        {
            "unit": pd.Series(cells.units, dtype="str"),
            "observed": observed.astype(np.int64),
            "expected": found.expected,
            "ratio": observed / found.expected,
            "ratio_low": low,
            "ratio_high": high,
            "z": z,
            "p_value": p_value,
            "effect": np.where(found.is_estimated, found.effect, np.nan),
            "effect_se": np.where(found.is_estimated, se, np.nan),
            "effect_shrunk": shrunk.shrunk,
            "reliability": shrunk.reliability,
            "rank": sets.rank,
            "rank_low": sets.low,
            "rank_high": sets.high,
            "rank_low_simultaneous": sets.low_simultaneous,
            "rank_high_simultaneous": sets.high_simultaneous,
            "flag_95": funnel.flag_units(p_value, observed, found.expected, 0.95),
            "flag_998": funnel.flag_units(p_value, observed, found.expected, 0.998),
            "flag_95_overdispersed": widened[0],
            "flag_998_overdispersed": widened[1],
        }
    )
    for column in table.select_dtypes("float64"):
        table[column] = _tidy(table[column].to_numpy())
    return table


def _tidy(values: np.ndarray) -> np.ndarray:
    """Return values to 12 decimals and 12 digits, each the double nearest to what it prints as."""
    return np.array([float(f"{value:.12g}") for value in round_noise(values)])


def _of_units(cells: Cells) -> list[slice]:
    ends = np.searchsorted(cells.unit, np.arange(len(cells.units) + 1))
    return [slice(ends[m], ends[m + 1]) for m in range(len(cells.units))]


def _p_values(cells: Cells, found: UnitEffects, observed: np.ndarray) -> np.ndarray:
    """Return (M,) exact two-sided mid-p values of O against E."""
    if not cells.is_binomial:
        return poisson_midp(observed, found.expected)
    return np.array(
        [
            poisson_binomial_midp(int(o), found.risk[own], cells.size[own])
            for o, own in zip(observed, _of_units(cells), strict=True)
        ]
    )


def _ratio_limits(
    cells: Cells, found: UnitEffects, observed: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return limits of O/E: mid-p for the count, joined with what E adds to the uncertainty."""
    log_se = np.sqrt(np.maximum(found.log_variance, 0.0))
    if not cells.is_binomial:
        return ratio_limits(observed, found.expected, log_se, level)
    limits = [
        shifted_count_limits(int(o), found.risk[own], cells.size[own], level)
        for o, own in zip(observed, _of_units(cells), strict=True)
    ]
    low_count, high_count = np.array(limits).T
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio, spread = observed / found.expected, normal_quantile(level) * log_se
        low = ratio * np.exp(-np.hypot(np.log(observed / low_count), spread))
        high = ratio * np.exp(np.hypot(np.log(high_count / observed), spread))
    none = observed == 0
    return np.where(none, 0.0, low), np.where(none, high_count / found.expected, high)


def _widened_flags(
    found: UnitEffects,
    observed: np.ndarray,
    p_value: np.ndarray,
    z: np.ndarray,
    tau2: float,
    level: float,
) -> np.ndarray:
    """Return (M,) flags by the exact test's normal score, in a funnel widened by ``tau2``.

    On the log scale itself small counts below expectation would be flagged far too often: at 5
    expected, 2 or fewer (an eighth of all chances) would be. A p-value too small to be known to
    its digits leaves the score to ``z``.
    """
    exact = -special.ndtri(np.maximum(p_value, SMALLEST_P) / 2)
    score = np.where(p_value > SMALLEST_P, exact, np.maximum(np.abs(z), exact))
    outside = score > normal_quantile(level) * np.sqrt(1 + tau2 * found.variance)
    side = np.where(observed > found.expected, "high", "low")
    return np.where(outside, side, "within")


def _summary(
    cells: Cells,
    columns: Columns,
    found: UnitEffects,
    spread: funnel.Overdispersion,
    shrunk: ShrinkageResult,
    z: np.ndarray,
) -> dict[str, Any]:
    observed = cells.by_unit(cells.events)

    def number(value: float) -> float | None:
        return float(_tidy(np.array([value]))[0]) if np.isfinite(value) else None

    gaps = {"nobody": observed == 0, "everybody": ~found.is_estimated & (observed > 0)}
    return {
        "mode": cells.mode,
        "model": _MODELS[cells.mode],
        "unit": columns.unit,
        "factors": list(columns.factors),
        "numeric": list(columns.numeric),
        "n_units": len(cells.units),
        "n_rows": cells.n_rows,
        "n_rows_dropped": 0,
        "n_cells": len(cells.unit),
        "observed": int(observed.sum()),
        "expected": number(found.expected.sum()),
        "phi": number(spread.phi),
        "phi_method": f"mean z^2, outer {TRUNCATED:.0%} of units at each end left out (SHMI)",
        "phi_all_units": number(float(np.mean(z**2))),
        "funnel_tau2": number(spread.tau2),
        "tau2": number(shrunk.tau2),
        "tau2_method": TAU2_METHOD,
        "units_without_events": [cells.units[m] for m in np.flatnonzero(gaps["nobody"])],
        "units_with_events_in_all": [cells.units[m] for m in np.flatnonzero(gaps["everybody"])],
        "coefficients": [
            {"term": term, "level": name, "estimate": number(estimate), "se": number(se)}
            for term, name, estimate, se in found.coefficients
        ],
    }
